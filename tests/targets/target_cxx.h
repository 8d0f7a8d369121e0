// SPDX-License-Identifier: GPL-2.0-or-later
// Classes of a shared library, and what makes objects of one that its users do not see.

#pragma once

struct Shape {
	virtual ~Shape();
	virtual int sides() const;
	long area = 0;
};

Shape *make_hidden();
