// SPDX-License-Identifier: MIT
/*
 * run: start commands when told to and say what each took. It is small, so that
 * what a command inherits from it counts for nothing, and has a bpffs of its own.
 *
 *   time ARG...    tab-separated; the answer: nanoseconds from vfork to wait, of CPU
 *                  time, and the peak of resident memory in KiB
 *   count ARG...   the answer: the number of bpf(2) calls, 0 and 0
 *   clear DIR      remove a directory with all below it
 *
 * or "error " and what the command wrote.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int output; /* what the command writes goes here */

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long micros(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

static void report(int status)
{
	char text[2048];
	ssize_t n, i;

	lseek(output, 0, SEEK_SET);
	n = read(output, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	for (i = 0; i < n; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	printf("error status %#x: %s\n", status, text);
}

static void time_command(char **argv)
{
	volatile long long start; /* across vfork */
	struct rusage used;
	int status;
	pid_t pid;

	start = now();
	pid = vfork();
	if (!pid) {
		dup2(output, 1);
		dup2(output, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) < 0) {
		printf("error %s: %s\n", argv[0], strerror(errno));
		return;
	}
	start = now() - start;
	if (status)
		report(status);
	else
		printf("%lld %lld %ld\n", start, 1000 * (micros(used.ru_utime) + micros(used.ru_stime)),
		       used.ru_maxrss);
}

/* stop_at_bpf: this process, from its next execve on. */
static int stop_at_bpf(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(code[0]), code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

static void count_calls(char **argv)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP;
	int status, last = -1;
	pid_t pid = fork(), thread;
	long calls = 0;

	if (!pid) {
		dup2(output, 1);
		dup2(output, 2);
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) || raise(SIGSTOP) || stop_at_bpf())
			_exit(126);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || ptrace(PTRACE_SETOPTIONS, pid, 0, options) ||
	    ptrace(PTRACE_CONT, pid, 0, 0)) {
		printf("error %s: %s\n", argv[0], strerror(errno));
		return;
	}
	while ((thread = waitpid(-1, &status, __WALL)) > 0) {
		int sig = WSTOPSIG(status);

		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (thread == pid)
				last = status;
			continue;
		}
		if (status >> 16 == PTRACE_EVENT_SECCOMP)
			calls++;
		/* A new thread begins with a stop that is not its own. */
		if (status >> 16 || sig == SIGSTOP)
			sig = 0;
		ptrace(PTRACE_CONT, thread, 0, sig);
	}
	if (last)
		report(last);
	else
		printf("%ld 0 0\n", calls);
}

static int unlink_entry(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st, (void)flag, (void)at;
	return remove(path);
}

int main(void)
{
	char *line = NULL, *argv[64], *at;
	size_t room = 0;
	ssize_t len;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0700")) {
		perror("run: cannot make a bpffs of its own (this needs root)");
		return 1;
	}
	output = memfd_create("output", MFD_CLOEXEC);
	while ((len = getline(&line, &room, stdin)) > 0) {
		int n = 0;

		if (line[len - 1] == '\n')
			line[len - 1] = 0;
		for (at = line; n < 63 && at; n++)
			argv[n] = strsep(&at, "\t");
		argv[n] = NULL;
		if (ftruncate(output, 0) || lseek(output, 0, SEEK_SET))
			return 1;
		if (n > 1 && !strcmp(argv[0], "time"))
			time_command(argv + 1);
		else if (n > 1 && !strcmp(argv[0], "count"))
			count_calls(argv + 1);
		else if (n > 1 && !strcmp(argv[0], "clear"))
			printf("%d 0 0\n", nftw(argv[1], unlink_entry, 16, FTW_DEPTH | FTW_PHYS));
		else
			printf("error no such thing: %s\n", line);
	}
	free(line);
	return 0;
}
