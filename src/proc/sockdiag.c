/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/sockdiag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
	RECEIVE_BYTES = 32 << 10,
	RECEIVES_MAX = 1 << 16, /* for one list: two gigabytes */
	TIMEOUT_SECONDS = 5,    /* the kernel answers at once, so this is ample */
};

struct query {
	int fd; /* of NETLINK_SOCK_DIAG */
	uint32_t seq;
	const struct fdscan *fds;
	uint64_t bytes; /* sum over the list */
};

/* The payload of a message; attributes follow its first `fixed` bytes. */
struct message {
	const char *payload;
	size_t len, fixed;
};

typedef void message_fn(struct query *q, const struct message *m);

static bool is_ours(const struct query *q, uint64_t inode)
{
	size_t lo = 0, hi = q->fds->n_sockets;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (q->fds->sockets[mid] < inode)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < q->fds->n_sockets && q->fds->sockets[lo] == inode;
}

/*
 * Copies at most n bytes of an attribute and zeroes the rest: the structures differ between
 * kernels.
 */
static bool take_attribute(const struct message *m, unsigned short type, void *ret, size_t n)
{
	for (size_t at = NLMSG_ALIGN(m->fixed); at + sizeof(struct nlattr) <= m->len;) {
		struct nlattr attr;
		size_t got;

		memcpy(&attr, m->payload + at, sizeof(attr));
		if (attr.nla_len < sizeof(attr) || attr.nla_len > m->len - at)
			return false;
		got = MIN(attr.nla_len - sizeof(attr), n);
		if ((attr.nla_type & NLA_TYPE_MASK) == type) {
			memset(ret, 0, n);
			memcpy(ret, m->payload + at + sizeof(attr), got);
			return true;
		}
		at += NLA_ALIGN(attr.nla_len);
	}
	return false;
}

/*
 * See struct sockdiag. wmem_alloc is the size of the buffers in memory. It is charged to the
 * sender; they are in the queue of the receiver, whose own rmem_alloc stays 0. A listening socket
 * queues connections, not bytes.
 */
static void sum_unix(struct query *q, const struct message *m)
{
	uint32_t mem[SK_MEMINFO_VARS] = { 0 }, peer = 0;
	struct unix_diag_rqlen queue = { 0 };
	struct unix_diag_msg head;
	bool ours;

	memcpy(&head, m->payload, sizeof(head));
	ours = is_ours(q, head.udiag_ino);
	(void)take_attribute(m, UNIX_DIAG_PEER, &peer, sizeof(peer));
	if (!ours && !is_ours(q, peer))
		return;
	(void)take_attribute(m, UNIX_DIAG_MEMINFO, mem, sizeof(mem));
	q->bytes += mem[SK_MEMINFO_WMEM_ALLOC];
	/*
	 * The queues of stream and seqpacket sockets are measured as a whole; for datagrams only
	 * the first message is.
	 */
	if (ours && !peer && head.udiag_state != TCP_LISTEN && head.udiag_type != SOCK_DGRAM &&
	    take_attribute(m, UNIX_DIAG_RQLEN, &queue, sizeof(queue)))
		q->bytes += queue.udiag_rqueue;
}

/*
 * A received packet is in the receive queue or, while the process holds the socket, in the backlog.
 * wmem_alloc is the part of TCP's send queue that is on its way and shared by copies; UDP and raw
 * sockets have no send queue and only that.
 */
static void sum_inet(struct query *q, const struct message *m)
{
	uint32_t mem[SK_MEMINFO_VARS];
	struct inet_diag_msg head;

	memcpy(&head, m->payload, sizeof(head));
	if (!is_ours(q, head.idiag_inode) ||
	    !take_attribute(m, INET_DIAG_SKMEMINFO, mem, sizeof(mem)))
		return;
	q->bytes += (uint64_t)mem[SK_MEMINFO_RMEM_ALLOC] + mem[SK_MEMINFO_BACKLOG] +
		    MAX(mem[SK_MEMINFO_WMEM_QUEUED], mem[SK_MEMINFO_WMEM_ALLOC]);
}

static int send_request(struct query *q, const void *request, size_t n)
{
	struct {
		struct nlmsghdr head;
		char payload[sizeof(struct inet_diag_req_v2)];
	} message = { .head = { .nlmsg_len = (uint32_t)NLMSG_LENGTH(n),
				.nlmsg_type = SOCK_DIAG_BY_FAMILY,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
				.nlmsg_seq = ++q->seq } };

	_Static_assert(sizeof(struct unix_diag_req) <= sizeof(message.payload), "both fit");
	memcpy(message.payload, request, n);
	return send(q->fd, &message, message.head.nlmsg_len, 0) < 0 ? -errno : 0;
}

/*
 * Passes the messages of one datagram to `take`. Returns 1 at the end of the list, 0 before it, or
 * -errno.
 */
static int take_datagram(struct query *q, const char *p, size_t n, size_t fixed, message_fn *take)
{
	struct nlmsghdr head;

	for (; n >= sizeof(head); p += NLMSG_ALIGN(head.nlmsg_len)) {
		struct message m = { .payload = p + NLMSG_HDRLEN, .fixed = fixed };

		memcpy(&head, p, sizeof(head));
		if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > n)
			return -EBADMSG;
		m.len = head.nlmsg_len - NLMSG_HDRLEN;
		n -= MIN((size_t)NLMSG_ALIGN(head.nlmsg_len), n);
		if (head.nlmsg_seq != q->seq)
			continue;
		if (head.nlmsg_type == NLMSG_DONE || head.nlmsg_type == NLMSG_ERROR) {
			int code = 0; /* the first field of both */

			memcpy(&code, m.payload, MIN(m.len, sizeof(code)));
			return code < 0 ? code : 1;
		}
		if (head.nlmsg_type == SOCK_DIAG_BY_FAMILY && m.len >= fixed)
			take(q, &m);
	}
	return 0;
}

static int take_list(struct query *q, size_t fixed, message_fn *take)
{
	char buf[RECEIVE_BYTES];

	for (int i = 0; i < RECEIVES_MAX; i++) {
		struct sockaddr_nl from = { .nl_family = AF_UNSPEC };
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(q->fd, buf, sizeof(buf), 0, (struct sockaddr *)&from,
				     &from_len);
		int ret;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (from.nl_pid != 0) /* not from the kernel */
			continue;
		ret = take_datagram(q, buf, (size_t)n, fixed, take);
		if (ret != 0)
			return MIN(ret, 0);
	}
	return -E2BIG;
}

static struct amount result(const struct query *q, int ret)
{
	if (ret == 0)
		return amount_of(q->bytes);
	/* The kernel has no module that lists sockets of this kind. */
	return amount_absent(ret == -ENOENT || ret == -EINVAL ? REASON_NOT_REPORTED
							      : reason_of_errno(ret));
}

static bool has_kind(const struct query *q, enum socket_kind kind)
{
	return q->fds->socket_kinds & 1U << kind;
}

static struct amount ask_unix(struct query *q)
{
	const struct unix_diag_req request = {
		.sdiag_family = AF_UNIX,
		.udiag_states = UINT32_MAX,
		.udiag_show = UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_MEMINFO,
	};
	int ret;

	q->bytes = 0;
	if (!has_kind(q, SOCKET_UNIX))
		return amount_of(0);
	ret = send_request(q, &request, sizeof(request));
	if (ret == 0)
		ret = take_list(q, sizeof(struct unix_diag_msg), sum_unix);
	return result(q, ret);
}

static struct amount ask_inet(struct query *q)
{
	static const struct {
		enum socket_kind kind;
		uint8_t family, protocol;
	} lists[] = {
		{ SOCKET_TCP, AF_INET, IPPROTO_TCP }, { SOCKET_TCP6, AF_INET6, IPPROTO_TCP },
		{ SOCKET_UDP, AF_INET, IPPROTO_UDP }, { SOCKET_UDP6, AF_INET6, IPPROTO_UDP },
		{ SOCKET_RAW, AF_INET, IPPROTO_RAW }, { SOCKET_RAW6, AF_INET6, IPPROTO_RAW },
	};
	int ret = 0;

	q->bytes = 0;
	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(lists); i++) {
		const struct inet_diag_req_v2 request = {
			.sdiag_family = lists[i].family,
			.sdiag_protocol = lists[i].protocol,
			.idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1),
			/*
			 * Sockets in these states have no descriptor: their connection is starting
			 * or ending.
			 */
			.idiag_states = ~(1U << TCP_TIME_WAIT | 1U << TCP_SYN_RECV),
		};

		if (!has_kind(q, lists[i].kind))
			continue;
		ret = send_request(q, &request, sizeof(request));
		if (ret == 0)
			ret = take_list(q, sizeof(struct inet_diag_msg), sum_inet);
	}
	return result(q, ret);
}

static int open_netlink(void)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_SECONDS };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return fd;
}

static void set_absent(struct sockdiag *diag, enum reason why)
{
	diag->unix_bytes = diag->inet_bytes = amount_absent(why);
}

void sockdiag_read(const struct procfs *fs, int dirfd, const struct fdscan *fds,
		   struct sockdiag *ret_diag)
{
	struct query q = { .fd = -1, .fds = fds };
	auto_close int fd = -1;
	int ret;

	*ret_diag = (struct sockdiag){ amount_of(0), amount_of(0) };
	if (!amount_ok(fds->descriptors)) {
		set_absent(ret_diag, fds->descriptors.why);
		return;
	}
	if (fds->n_sockets == 0 || (fs->live && fds->socket_kinds == 0))
		return;
	if (!fs->live) {
		set_absent(ret_diag, REASON_NOT_RECORDED);
		return;
	}
	ret = procfs_same_namespace(fs, dirfd, "net");
	if (ret <= 0) {
		set_absent(ret_diag, ret == 0 ? REASON_NETWORK_NAMESPACE : reason_of_errno(ret));
		return;
	}
	fd = open_netlink();
	if (fd < 0) {
		set_absent(ret_diag, reason_of_errno(fd));
		return;
	}
	q.fd = fd;
	ret_diag->unix_bytes = ask_unix(&q);
	ret_diag->inet_bytes = ask_inet(&q);
}
