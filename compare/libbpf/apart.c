// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "apart.h"
#include "json.h"

const char *scratch;

bool apart_init(void)
{
	const char *parent = getenv("TMPDIR");
	static char dir[4096];

	snprintf(dir, sizeof(dir), "%s/compare-libbpf.XXXXXX", parent ? parent : P_tmpdir);
	scratch = mkdtemp(dir);
	if (!scratch)
		perror("mkdtemp");
	return scratch != NULL;
}

void apart_finish(void)
{
	rmdir(scratch);
}

static void limit(struct limits limits)
{
	/* Shared mappings, such as an arena of 4 GiB, do not count here. */
	struct rlimit memory = { (rlim_t)limits.mebibytes << 20, (rlim_t)limits.mebibytes << 20 };

	setrlimit(RLIMIT_DATA, &memory);
	alarm(limits.seconds);
}

/* private_bpffs: pins of this process are seen by nobody and go away with it. */
static void private_bpffs(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", scratch, "bpf", 0, "mode=0700")) {
		fprintf(stderr, "cannot mount a private bpffs: %s (this needs root)\n", strerror(errno));
		_exit(3);
	}
}

static void begin_document(const char *mode, const char *file)
{
	char version[64];

#ifdef LIBBPF_MAJOR_VERSION
	snprintf(version, sizeof(version), "libbpf %s", libbpf_version_string());
#else
	snprintf(version, sizeof(version), "libbpf before 0.6");
#endif
	json_begin(NULL, '{');
	json_str("oracle", version);
	json_str("mode", mode);
	json_str("file", file);
}

static void finish_document(char *text, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(STDOUT_FILENO, text + done, len - done);
		if (n <= 0)
			_exit(4);
		done += n;
	}
}

bool apart(const char *mode, const char *file, bool kernel, struct limits limits, void (*run)(const char *file))
{
	char *text, why[64];
	size_t len;
	int status;
	pid_t child = fork();

	if (child < 0) {
		perror("fork");
		apart_finish();
		exit(4);
	}
	json_open(&text, &len);
	begin_document(mode, file);
	if (!child) {
		limit(limits);
		if (kernel)
			private_bpffs();
		run(file);
		json_end('}');
		fputc('\n', json_out);
		json_close();
		finish_document(text, len);
		_exit(0);
	}
	if (waitpid(child, &status, 0) == child && WIFEXITED(status)) {
		json_close();
		free(text);
		if (WEXITSTATUS(status)) {
			apart_finish();
			exit(WEXITSTATUS(status));
		}
		return true;
	}
	if (WTERMSIG(status) == SIGALRM)
		snprintf(why, sizeof(why), "no result within %u s", limits.seconds);
	else
		snprintf(why, sizeof(why), "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	json_str("verdict", "crash");
	json_str("error", why);
	json_end('}');
	fputc('\n', json_out);
	json_close();
	finish_document(text, len);
	free(text);
	return false;
}
