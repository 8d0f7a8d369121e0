// SPDX-License-Identifier: GPL-2.0-or-later
// Makes known numbers of objects of several classes, frees some, says so, and waits.

#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include "target_cxx.h"

namespace app
{

struct Named {
	virtual ~Named() = default;
	virtual void name() {}
	std::string text;
};

struct Counted {
	virtual ~Counted() = default;
	virtual long count()
	{
		return n;
	}
	long n = 0;
};

// Two virtual tables; objects begin with that of both itself and Named.
struct Both : Named, Counted {
	long count() override
	{
		return n + 1;
	}
};

// The table begins with the places of its virtual bases.
struct Diamond : virtual Named, virtual Counted {
	long own = 0;
};

template <typename T, int N> struct Box {
	virtual ~Box() = default;
	T items[N] = {};
};

struct Plain {
	long a, b, c;
};

} // namespace app

template <typename T> static void make(std::deque<T *> &into, int n)
{
	while (n-- > 0)
		into.push_back(new T);
}

template <typename T> static void drop(std::deque<T *> &from, int n)
{
	for (; n > 0; n--) {
		delete from[(size_t)n];
		from[(size_t)n] = nullptr;
	}
}

int main()
{
	std::deque<app::Named *> named;
	std::deque<app::Both *> both;
	std::deque<app::Diamond *> diamonds;
	std::deque<app::Box<int, 3> *> boxes;
	std::deque<app::Box<app::Plain, 50> *> large;
	std::deque<app::Plain *> plain;
	std::deque<Shape *> shapes;
	std::vector<std::shared_ptr<app::Counted>> shared;

	make(named, 3000);
	make(both, 2000);
	make(diamonds, 1500);
	make(boxes, 4000);
	make(large, 300);
	make(plain, 5000);
	make(shapes, 700);
	for (int i = 0; i < 600; i++)
		shapes.push_back(make_hidden());
	for (int i = 0; i < 250; i++)
		shared.push_back(std::make_shared<app::Counted>());
	drop(named, 1000); // into caches, bins and their neighbours
	drop(large, 100);
	std::printf("ready %d\n", (int)getpid());
	std::fflush(stdout);
	pause();
	return (int)(named.size() + both.size() + diamonds.size() + boxes.size() + large.size() +
		     plain.size() + shapes.size() + shared.size());
}
