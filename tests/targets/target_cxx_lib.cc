// SPDX-License-Identifier: GPL-2.0-or-later
#include "target_cxx.h"

Shape::~Shape() = default;

int Shape::sides() const
{
	return 0;
}

namespace
{

struct Hidden : Shape {
	int sides() const override
	{
		return 7;
	}

	char room[100] = {};
};

} // namespace

Shape *make_hidden()
{
	return new Hidden;
}
