// SPDX-License-Identifier: MIT
/*
 * dump tells what libbpf reads from BPF objects, and what becomes of them when
 * libbpf loads them on the running kernel: one JSON document a line, one line
 * an object. It is an oracle to compare with; README.md says what the fields
 * mean.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "apart.h"
#include "dump.h"
#include "log.h"

const char *target_btf, *kconfig_file;
bool with_insns;

static const struct verb {
	const char *name;
	void (*run)(const char *file);
	bool kernel;
} verbs[] = {
	{ "open", do_open, false },
	{ "load", do_load, true },
	{ "core", do_core, true },
};

static int usage(void)
{
	fputs("usage: dump open [options] FILE...   what libbpf reads\n"
	      "       dump load [options] FILE...   what the kernel says, per program\n"
	      "       dump core [options] FILE...   instructions after all relocations\n"
	      "  --btf FILE      relocate against this BTF instead of the running kernel's\n"
	      "  --kconfig FILE  values of CONFIG_ externs\n"
	      "  -x              with load: print the instructions handed to the kernel\n"
	      "  -t SECONDS      give up on an object after this long (600)\n"
	      "  -m MIB          memory for one object (4096)\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "btf", required_argument, NULL, 'b' },
		{ "kconfig", required_argument, NULL, 'k' },
		{},
	};
	struct limits limits = { .seconds = 600, .mebibytes = 4096 };
	const struct verb *verb = NULL;
	bool all = true;
	size_t i;
	int opt;

	while ((opt = getopt_long(argc, argv, "xt:m:", options, NULL)) != -1) {
		switch (opt) {
		case 'b': target_btf = optarg; break;
		case 'k': kconfig_file = optarg; break;
		case 'x': with_insns = true; break;
		case 't': limits.seconds = atoi(optarg); break;
		case 'm': limits.mebibytes = atoi(optarg); break;
		default: return usage();
		}
	}
	for (i = 0; optind < argc && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[optind], verbs[i].name))
			verb = &verbs[i];
	if (!verb || optind + 1 >= argc || !limits.seconds || !limits.mebibytes)
		return usage();

	libbpf_set_print(log_print);
	/* A delegation token of /sys/fs/bpf would make the answer depend on the machine. */
	setenv("LIBBPF_BPF_TOKEN_PATH", "", 1);
	if (!apart_init())
		return 4;
	for (optind++; optind < argc; optind++)
		all = apart(verb->name, argv[optind], verb->kernel, limits, verb->run) && all;
	apart_finish();
	return all ? 0 : 1;
}
