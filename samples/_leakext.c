/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The extension of leak_extension.py: parse(bytes) leaks its copy, which Python does not know. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

static PyObject *parse(PyObject *self, PyObject *arg)
{
	char *data = NULL, *copy;
	Py_ssize_t size;

	(void)self;
	if (PyBytes_AsStringAndSize(arg, &data, &size))
		return NULL;
	copy = malloc(size);
	if (!copy)
		return PyErr_NoMemory();
	memcpy(copy, data, size);
	return PyLong_FromLong(copy[0]); /* here free(copy) is missing */
}

static PyMethodDef methods[] = {
	{ "parse", parse, METH_O, "Returns the first byte." },
	{ NULL, NULL, 0, NULL },
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT,
	.m_name = "_leakext",
	.m_size = -1,
	.m_methods = methods,
};

PyMODINIT_FUNC PyInit__leakext(void);

PyMODINIT_FUNC PyInit__leakext(void)
{
	return PyModule_Create(&module);
}
