// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>
#include "record.h"

struct record record;
static bool recording;

static void *copy(const void *from, size_t size)
{
	void *to = malloc(size + 1);

	if (!to)
		abort();
	return memcpy(to, from, size);
}

static void own(__u64 *pointer, size_t size)
{
	if (*pointer && size)
		*pointer = (__u64)(unsigned long)copy((void *)(unsigned long)*pointer, size);
}

static void own_program(union bpf_attr *a)
{
	/* libbpf gives no number of descriptors; the kernel reads what it needs. */
	own(&a->insns, a->insn_cnt * sizeof(struct bpf_insn));
	own(&a->license, a->license ? strlen((char *)(unsigned long)a->license) + 1 : 0);
	own(&a->func_info, (size_t)a->func_info_cnt * a->func_info_rec_size);
	own(&a->line_info, (size_t)a->line_info_cnt * a->line_info_rec_size);
	own(&a->core_relos, (size_t)a->core_relo_cnt * a->core_relo_rec_size);
	a->log_buf = a->log_size = a->log_level = 0;
}

static void keep(struct call **calls, size_t *n, int cmd, const union bpf_attr *attr, unsigned int size)
{
	struct call *c = realloc(*calls, (*n + 1) * sizeof(*c));

	if (!c)
		abort();
	*calls = c;
	c += (*n)++;
	/* Either may know fields that the other does not: libbpf, or the header here. */
	*c = (struct call){ cmd, size, calloc(1, size + sizeof(*attr)) };
	if (!c->attr)
		abort();
	memcpy(c->attr, attr, size);
	if (cmd == BPF_PROG_LOAD)
		own_program(c->attr);
}

long __real_syscall(long nr, ...);
long __wrap_syscall(long nr, ...);

long __wrap_syscall(long nr, ...)
{
	long a[6], ret;
	va_list args;
	int i;

	va_start(args, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	ret = __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (recording && nr == SYS_bpf && ret >= 0) {
		if (a[0] == BPF_MAP_CREATE)
			keep(&record.maps, &record.nmaps, a[0], (void *)a[1], a[2]);
		if (a[0] == BPF_PROG_LOAD)
			keep(&record.programs, &record.nprograms, a[0], (void *)a[1], a[2]);
	}
	return ret;
}

static int bigger(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	return (x->attr->insn_cnt < y->attr->insn_cnt) - (x->attr->insn_cnt > y->attr->insn_cnt);
}

void record_start(void)
{
	recording = true;
}

void record_stop(void)
{
	recording = false;
	if (record.nprograms)
		qsort(record.programs, record.nprograms, sizeof(*record.programs), bigger);
}

static void clear(struct call *calls, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		union bpf_attr *a = calls[i].attr;

		if (calls[i].cmd == BPF_PROG_LOAD) {
			free((void *)(unsigned long)a->insns);
			free((void *)(unsigned long)a->license);
			if (a->func_info_cnt)
				free((void *)(unsigned long)a->func_info);
			if (a->line_info_cnt)
				free((void *)(unsigned long)a->line_info);
			if (a->core_relo_cnt)
				free((void *)(unsigned long)a->core_relos);
		}
		free(a);
	}
	free(calls);
}

void record_clear(void)
{
	clear(record.maps, record.nmaps);
	clear(record.programs, record.nprograms);
	record = (struct record){};
}
