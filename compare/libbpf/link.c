// SPDX-License-Identifier: MIT
/*
 * link joins objects with libbpf's static linker, as bpftool gen object does:
 * link OUT IN...
 */
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>

int main(int argc, char **argv)
{
	struct bpf_linker *linker;
	int err, i;

	if (argc < 3) {
		fputs("usage: link OUT IN...\n", stderr);
		return 2;
	}
	linker = bpf_linker__new(argv[1], NULL);
	err = linker ? 0 : -1;
	for (i = 2; !err && i < argc; i++)
		err = bpf_linker__add_file(linker, argv[i], NULL);
	if (!err)
		err = bpf_linker__finalize(linker);
	if (err) {
		fprintf(stderr, "link: %s: %s\n", argv[1], strerror(-err));
		remove(argv[1]);
	}
	bpf_linker__free(linker);
	return err != 0;
}
