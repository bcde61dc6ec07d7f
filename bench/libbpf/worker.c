// SPDX-License-Identifier: MIT
/*
 * worker: open and load objects with libbpf when told to, and say how long it
 * took; see internal/worker for the lines. Besides:
 *
 *   replay THREADS FILE   load the object, then issue its BPF_MAP_CREATEs and
 *                         BPF_PROG_LOADs once more, as they were, nothing else:
 *                         the answer is nanoseconds for the maps from one thread
 *                         and for the programs from THREADS, the biggest first
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <bpf/libbpf.h>
#include "record.h"

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

static void *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	char *data = NULL;
	long len;

	if (!f)
		return NULL;
	if (!fseek(f, 0, SEEK_END) && (len = ftell(f)) >= 0 && !fseek(f, 0, SEEK_SET) && (data = malloc(len + 1))) {
		*size = fread(data, 1, len, f);
		if (*size != (size_t)len) {
			free(data);
			data = NULL;
		}
	}
	fclose(f);
	return data;
}

static struct bpf_object *open_object(const void *data, size_t size)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "bench");

	return bpf_object__open_mem(data, size, &opts);
}

/* open_for_load: so that nothing is pinned by name. */
static struct bpf_object *open_for_load(const void *data, size_t size)
{
	struct bpf_object *obj = open_object(data, size);
	struct bpf_map *map;

	if (obj)
		bpf_object__for_each_map(map, obj)
			bpf_map__set_pin_path(map, NULL);
	return obj;
}

static int failed(const char *what)
{
	printf("error %s: %s\n", what, strerror(errno));
	return -1;
}

static int do_open(const void *data, size_t size, int n)
{
	long long sum = 0, start;
	int i;

	for (i = 0; i < n; i++) {
		struct bpf_object *obj;

		start = now();
		obj = open_object(data, size);
		sum += now() - start;
		if (!obj)
			return failed("open");
		bpf_object__close(obj);
	}
	printf("%lld 0 0\n", sum / n);
	return 0;
}

static int do_load(const void *data, size_t size, int n)
{
	long long sum = 0, start;
	int i, err;

	for (i = 0; i < n; i++) {
		struct bpf_object *obj = open_for_load(data, size);

		if (!obj)
			return failed("open");
		start = now();
		err = bpf_object__load(obj);
		sum += now() - start;
		bpf_object__close(obj);
		if (err)
			return failed("load");
	}
	printf("%lld 0 0\n", sum / n);
	return 0;
}

struct share {
	pthread_t thread;
	struct call *calls;
	size_t n, *next;
	bool failed;
};

static void *issue(void *arg)
{
	struct share *s = arg;
	size_t i;

	while ((i = __atomic_fetch_add(s->next, 1, __ATOMIC_RELAXED)) < s->n) {
		struct call *c = &s->calls[i];
		int fd = syscall(SYS_bpf, c->cmd, c->attr, c->size);

		if (fd < 0)
			s->failed = true;
		else
			close(fd);
	}
	return NULL;
}

/* replay: the time for n calls from so many threads, this one among them. */
static long long replay(struct call *calls, size_t n, int threads)
{
	struct share shares[16] = {};
	size_t next = 0;
	long long start = now();
	bool bad = false;
	int i;

	for (i = 0; i < threads; i++)
		shares[i] = (struct share){ .calls = calls, .n = n, .next = &next };
	for (i = 1; i < threads; i++)
		if (pthread_create(&shares[i].thread, NULL, issue, &shares[i]))
			return -1;
	issue(&shares[0]);
	for (i = 1; i < threads; i++)
		pthread_join(shares[i].thread, NULL);
	start = now() - start;
	for (i = 0; i < threads; i++)
		bad |= shares[i].failed;
	return bad ? -1 : start;
}

static int do_replay(const void *data, size_t size, int threads)
{
	struct bpf_object *obj = open_for_load(data, size);
	long long maps, programs;
	int err;

	if (!obj)
		return failed("open");
	/* Probes are done with once; only a later load is what it needs. */
	err = bpf_object__load(obj);
	bpf_object__close(obj);
	if (err)
		return failed("load");
	obj = open_for_load(data, size);
	if (!obj)
		return failed("open");
	record_start();
	err = bpf_object__load(obj);
	record_stop();
	if (err) {
		bpf_object__close(obj);
		return failed("load");
	}
	if (threads > 16)
		threads = 16;
	/* The object stays: the programs refer to its maps. */
	replay(record.programs, record.nprograms, threads); /* warm */
	maps = replay(record.maps, record.nmaps, 1);
	programs = replay(record.programs, record.nprograms, threads);
	bpf_object__close(obj);
	record_clear();
	if (maps < 0 || programs < 0)
		return failed("replay");
	printf("%lld %lld 0\n", maps, programs);
	return 0;
}

int main(void)
{
	struct rlimit files;
	char *line = NULL, *path;
	size_t room = 0, size;
	ssize_t len;

	libbpf_set_print(quiet);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	while ((len = getline(&line, &room, stdin)) > 0) {
		char verb[16];
		int n, at = 0;
		void *data;

		if (line[len - 1] == '\n')
			line[len - 1] = 0;
		if (sscanf(line, "%15s %d %n", verb, &n, &at) != 2 || !at || n < 1) {
			printf("error want a verb, a number and a file\n");
			continue;
		}
		path = line + at;
		data = read_file(path, &size);
		if (!data)
			failed(path);
		else if (!strcmp(verb, "open"))
			do_open(data, size, n);
		else if (!strcmp(verb, "load"))
			do_load(data, size, n);
		else if (!strcmp(verb, "replay"))
			do_replay(data, size, n);
		else
			printf("error no verb %s\n", verb);
		free(data);
	}
	free(line);
	return 0;
}
