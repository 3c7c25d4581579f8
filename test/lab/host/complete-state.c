/*
 * Preloaded into the guest's kernel where this machine's processor has AMX.
 *
 * User-Mode Linux 6.1 keeps 2,696 bytes of a task's extended processor state and writes them back by
 * PTRACE_SETREGSET. The host's kernel takes nothing but the whole state there (EFAULT otherwise, see
 * xstateregs_set() in its arch/x86/kernel/fpu/regset.c), and with AMX the whole is 11,008 bytes: not even the
 * guest's first process starts. This puts the rest, as the task has it, behind what the guest's kernel gives.
 * Nothing in a guest can use what lies in the rest: the kernel's leave for AMX has to be asked for.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Many times what any processor has. Not on the stack: that of a kernel is small. */
static char whole[1 << 16] __attribute__((aligned(64)));

long ptrace(enum __ptrace_request request, ...)
{
	static long (*host)(enum __ptrace_request, ...);
	va_list rest;

	va_start(rest, request);
	pid_t task = va_arg(rest, pid_t);
	void *address = va_arg(rest, void *);
	void *data = va_arg(rest, void *);
	va_end(rest);

	if (host == NULL)
		host = (long (*)(enum __ptrace_request, ...))dlsym(RTLD_NEXT, "ptrace");
	if (request != PTRACE_SETREGSET || (unsigned long)address != NT_X86_XSTATE)
		return host(request, task, address, data);

	const struct iovec *kept = data;
	struct iovec state = { .iov_base = whole, .iov_len = sizeof whole };
	if (host(PTRACE_GETREGSET, task, address, &state) != 0 || state.iov_len <= kept->iov_len)
		return host(request, task, address, data);
	memcpy(whole, kept->iov_base, kept->iov_len);
	return host(request, task, address, &state);
}
