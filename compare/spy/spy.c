// SPDX-License-Identifier: MIT
/*
 * spy runs a command and writes down every program that it, or a process or
 * thread that it started, hands to the kernel with BPF_PROG_LOAD: the same
 * record for any loader, whatever language it is written in.
 *
 *	spy OUT COMMAND [ARGUMENT...]
 *
 * A seccomp filter stops the command at bpf(2) only, so it runs at its speed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include "../libbpf/json.h"

enum { MAX_INSNS = 1 << 20, MAX_LOADS = 1 << 16 };

/* A load is one BPF_PROG_LOAD between its beginning and its end. */
struct load {
	pid_t thread;
	union bpf_attr attr;
	struct bpf_insn *insns;
};

static struct load *pending[4096];
static unsigned int loads;

static bool read_memory(pid_t pid, uint64_t from, void *to, size_t len)
{
	struct iovec local = { to, len }, remote = { (void *)from, len };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

/* -------------------------------------------------------- writing it down -- */

/* group_leader: the process of a thread; descriptors belong to it. */
static pid_t group_leader(pid_t thread)
{
	char path[64], line[256];
	pid_t leader = thread;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", thread);
	in = fopen(path, "r");
	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, "Tgid: %d", &leader) == 1)
			break;
	if (in)
		fclose(in);
	return leader;
}

static bool map_info(int process, int number, struct bpf_map_info *info)
{
	int fd = syscall(SYS_pidfd_getfd, process, number, 0);
	union bpf_attr attr = {};
	int err;

	if (fd < 0)
		return false;
	memset(info, 0, sizeof(*info));
	attr.info.bpf_fd = fd;
	attr.info.info = (uint64_t)info;
	attr.info.info_len = sizeof(*info);
	err = syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
	close(fd);
	return !err;
}

static bool refers_to_map(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	       (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_VALUE);
}

/*
 * write_insns: the instructions as they are in memory, with 0 in the place of
 * descriptors, and beside them the maps that those stand for.
 */
static void write_insns(const struct load *load, int process)
{
	size_t count = load->attr.insn_cnt, i, j;
	struct bpf_map_info info;
	char type[16];

	json_key("hex");
	fputc('"', json_out);
	for (i = 0; i < count; i++) {
		struct bpf_insn insn = load->insns[i];
		const unsigned char *bytes = (void *)&insn;

		if (refers_to_map(&insn))
			insn.imm = 0;
		for (j = 0; j < sizeof(insn); j++)
			fprintf(json_out, "%02x", bytes[j]);
	}
	fputc('"', json_out);
	json_begin("maps", '[');
	for (i = 0; i < count; i++) {
		if (!refers_to_map(&load->insns[i]) || !map_info(process, load->insns[i].imm, &info))
			continue;
		snprintf(type, sizeof(type), "%u", info.type);
		json_begin(NULL, '{');
		json_num("insn", i);
		json_str("map", info.name);
		json_num("type_number", info.type);
		json_num("value_size", info.value_size);
		json_end('}');
	}
	json_end(']');
}

static void write_load(const struct load *load, int64_t result)
{
	const union bpf_attr *attr = &load->attr;
	char name[BPF_OBJ_NAME_LEN + 1] = {};
	int process = syscall(SYS_pidfd_open, group_leader(load->thread), 0);

	memcpy(name, attr->prog_name, BPF_OBJ_NAME_LEN);
	json_begin(NULL, '{');
	json_str("name", name);
	json_bool("accepted", result >= 0);
	json_num("errno", result < 0 ? -result : 0);
	json_num("type_number", attr->prog_type);
	json_num("attach_type_number", attr->expected_attach_type);
	json_num("attach_btf_id", attr->attach_btf_id);
	json_num("flags", attr->prog_flags);
	json_num("func_infos", attr->func_info_cnt);
	json_num("line_infos", attr->line_info_cnt);
	json_num("insns", attr->insn_cnt);
	write_insns(load, process);
	json_end('}');
	if (process >= 0)
		close(process);
}

/* ------------------------------------------------------------- the tracer -- */

static struct load **slot_of(pid_t thread)
{
	size_t i;

	for (i = 0; i < sizeof(pending) / sizeof(pending[0]); i++)
		if (pending[i] && pending[i]->thread == thread)
			return &pending[i];
	return NULL;
}

/* begin: remember a BPF_PROG_LOAD as it is entered; true if there is one. */
static bool begin(pid_t thread)
{
	struct __ptrace_syscall_info info = {};
	struct load *load;
	size_t size, i;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_SECCOMP || info.seccomp.args[0] != BPF_PROG_LOAD || loads == MAX_LOADS)
		return false;
	load = calloc(1, sizeof(*load));
	if (!load)
		abort();
	load->thread = thread;
	size = info.seccomp.args[2] < sizeof(load->attr) ? info.seccomp.args[2] : sizeof(load->attr);
	if (!read_memory(thread, info.seccomp.args[1], &load->attr, size) || load->attr.insn_cnt > MAX_INSNS)
		goto ignore;
	load->insns = calloc(load->attr.insn_cnt + 1, sizeof(*load->insns));
	if (!load->insns ||
	    !read_memory(thread, load->attr.insns, load->insns, load->attr.insn_cnt * sizeof(*load->insns)))
		goto ignore;
	for (i = 0; i < sizeof(pending) / sizeof(pending[0]); i++) {
		if (!pending[i]) {
			pending[i] = load;
			loads++;
			return true;
		}
	}
ignore:
	free(load->insns);
	free(load);
	return false;
}

static void end(pid_t thread)
{
	struct __ptrace_syscall_info info = {};
	struct load **load = slot_of(thread);

	if (!load || ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_EXIT)
		return;
	write_load(*load, info.exit.rval);
	free((*load)->insns);
	free(*load);
	*load = NULL;
}

/* watch: until all are gone; the exit status of the command. */
static int watch(pid_t command)
{
	int status, code = 125;
	pid_t thread;

	while ((thread = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		int event, sig, request = PTRACE_CONT;

		if (thread < 0)
			continue;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (thread == command)
				code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			continue;
		}
		event = status >> 16;
		sig = WSTOPSIG(status);
		if (event == PTRACE_EVENT_SECCOMP && begin(thread))
			request = PTRACE_SYSCALL;
		else if (sig == (SIGTRAP | 0x80))
			end(thread);
		/* Only a signal of its own is passed on, not the tracer's stops. */
		if (event || sig == (SIGTRAP | 0x80))
			sig = 0;
		ptrace(request, thread, 0, sig);
	}
	return code;
}

/* run: the command, stopped at every bpf(2) from its start on. */
static void run(char **argv, int ready)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(code[0]), code };
	char byte;

	if (read(ready, &byte, 1) != 1)
		_exit(125);
	close(ready);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) {
		perror("spy: cannot set a seccomp filter (this needs root)");
		_exit(125);
	}
	execvp(argv[0], argv);
	fprintf(stderr, "spy: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int main(int argc, char **argv)
{
	const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD;
	int ready[2], code;
	size_t len;
	pid_t command;
	char *text;
	FILE *out;

	if (argc < 3) {
		fputs("usage: spy OUT COMMAND [ARGUMENT...]\n", stderr);
		return 125;
	}
	if (pipe2(ready, O_CLOEXEC) || (command = fork()) < 0) {
		perror("spy");
		return 125;
	}
	if (!command)
		run(argv + 2, ready[0]);
	if (ptrace(PTRACE_SEIZE, command, 0, options) || write(ready[1], "", 1) != 1) {
		perror("spy: cannot trace the command");
		kill(command, SIGKILL);
		return 125;
	}
	json_open(&text, &len);
	json_begin(NULL, '{');
	json_begin("programs", '[');
	code = watch(command);
	json_end(']');
	json_num("exit", code);
	json_end('}');
	json_close();
	out = fopen(argv[1], "w");
	if (!out || fprintf(out, "%s\n", text) < 0 || fclose(out)) {
		perror(argv[1]);
		return 125;
	}
	return code;
}
