/*
 * Preloaded, it makes this machine's kernel look to a tracer as one on a processor with AMX: the extended state of a
 * task is 11,008 bytes, and nothing less is taken back. The last 8,192 of them, where AMX has its tiles, are a pattern
 * of the task's own, and must come back as they were given.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

enum { large = 11008, tiles = 2816 };

static char state[large] __attribute__((aligned(64)));
static char pattern[large];
static long (*kernel)(enum __ptrace_request, ...);

static size_t own_state(pid_t task, void *address)
{
	struct iovec own = { .iov_base = state, .iov_len = large };

	if (kernel(PTRACE_GETREGSET, task, address, &own) != 0)
		return 0;
	memset(pattern, task % 251 + 1, large);
	return own.iov_len;
}

static long give(pid_t task, void *address, struct iovec *wanted)
{
	size_t own = own_state(task, address);

	if (own == 0)
		return -1;
	memset(state + own, 0, large - own);
	memcpy(state + tiles, pattern, large - tiles);
	if (wanted->iov_len > large)
		wanted->iov_len = large;
	memcpy(wanted->iov_base, state, wanted->iov_len);
	return 0;
}

static long take(pid_t task, void *address, const struct iovec *given)
{
	size_t own = own_state(task, address);

	if (own == 0)
		return -1;
	if (given->iov_len < large || memcmp((char *)given->iov_base + tiles, pattern, large - tiles) != 0) {
		errno = EFAULT;
		return -1;
	}
	struct iovec first = { .iov_base = given->iov_base, .iov_len = own };
	return kernel(PTRACE_SETREGSET, task, address, &first);
}

long ptrace(enum __ptrace_request request, ...)
{
	va_list rest;

	va_start(rest, request);
	pid_t task = va_arg(rest, pid_t);
	void *address = va_arg(rest, void *);
	void *data = va_arg(rest, void *);
	va_end(rest);

	if (kernel == NULL)
		kernel = (long (*)(enum __ptrace_request, ...))dlsym(RTLD_NEXT, "ptrace");
	if ((unsigned long)address == NT_X86_XSTATE) {
		if (request == PTRACE_GETREGSET)
			return give(task, address, data);
		if (request == PTRACE_SETREGSET)
			return take(task, address, data);
	}
	return kernel(request, task, address, data);
}
