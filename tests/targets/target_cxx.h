// SPDX-License-Identifier: GPL-2.0-or-later
// Classes of a shared library, and a function that makes objects of a class that users cannot see.

#pragma once

struct Shape {
	virtual ~Shape();
	virtual int sides() const;
	long area = 0;
};

Shape *make_hidden();
