// SPDX-License-Identifier: GPL-2.0-or-later
// Deletes objects and makes others, as fast as it can, on so many threads: each of them lacks one
// object of its COUNT at most.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <unistd.h>
#include <vector>

struct Replaced {
	virtual ~Replaced() = default;
	long room[5] = {};
};

static void replace(std::vector<Replaced *> &slots)
{
	for (unsigned long i = 1;; i = i * 6364136223846793005 + 1442695040888963407) {
		Replaced *&slot = slots[(i >> 33) % slots.size()];

		delete slot;
		slot = nullptr;
		std::atomic_signal_fence(std::memory_order_seq_cst);
		slot = new Replaced;
	}
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], nullptr, 10) : 0;
	size_t threads = argc > 2 ? strtoul(argv[2], nullptr, 10) : 0;
	std::vector<std::vector<Replaced *>> slots(threads);

	for (auto &own : slots) {
		for (size_t i = 0; i < count; i++)
			own.push_back(new Replaced);
	}
	for (auto &own : slots)
		std::thread(replace, std::ref(own)).detach();
	std::printf("ready %d\n", (int)getpid());
	std::fflush(stdout);
	pause();
	_exit(0);
}
