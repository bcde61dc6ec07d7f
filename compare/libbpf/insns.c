// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "dump.h"
#include "json.h"

/*
 * Maps by descriptor. libbpf gives every map its number at open, as a memfd
 * that the map replaces later; so the numbers in instructions can be read even
 * when creating maps failed.
 */
static struct { struct bpf_map *map; int fd; } fds[4096];
static int fd_count;

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void learn_fds(struct bpf_object *obj)
{
	int numbers[2 * 4096], count = 0, i = 0;
	struct dirent *entry;
	struct bpf_map *map;
	char path[300], link[64];
	ssize_t len;
	DIR *dir = opendir("/proc/self/fd");

	while (dir && (entry = readdir(dir)) && count < 2 * 4096) {
		snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
		len = readlink(path, link, sizeof(link) - 1);
		if (len <= 0)
			continue;
		link[len] = 0;
		if (strstr(link, "libbpf-placeholder"))
			numbers[count++] = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	qsort(numbers, count, sizeof(numbers[0]), by_number);
	fd_count = 0;
	bpf_object__for_each_map(map, obj) {
		if (fd_count == 4096)
			break;
		fds[fd_count].map = map;
		fds[fd_count++].fd = i < count ? numbers[i] : -1;
		i += bpf_map__inner_map(map) ? 2 : 1;
	}
}

static int map_of_fd(int fd)
{
	int i;

	for (i = 0; i < fd_count; i++) {
		int now = bpf_map__fd(fds[i].map);

		if (fd == (now > 0 ? now : fds[i].fd))
			return i;
	}
	return -1;
}

/*
 * dump_insns: the instructions in hexadecimal, as they are in memory, but with
 * the map's place in the object, from 0, where the kernel gets a descriptor.
 */
void dump_insns(const struct bpf_insn *insns, size_t count)
{
	size_t i, j;

	json_key("hex");
	fputc('"', json_out);
	for (i = 0; i < count; i++) {
		struct bpf_insn insn = insns[i];
		const unsigned char *bytes = (void *)&insn;

		if (insn.code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    (insn.src_reg == BPF_PSEUDO_MAP_FD || insn.src_reg == BPF_PSEUDO_MAP_VALUE))
			insn.imm = map_of_fd(insn.imm);
		for (j = 0; j < sizeof(insn); j++)
			fprintf(json_out, "%02x", bytes[j]);
	}
	fputc('"', json_out);
	json_begin("maps", '[');
	for (i = 0; i < count; i++) {
		const struct bpf_insn *insn = &insns[i];
		int map;

		if (insn->code != (BPF_LD | BPF_IMM | BPF_DW) ||
		    (insn->src_reg != BPF_PSEUDO_MAP_FD && insn->src_reg != BPF_PSEUDO_MAP_VALUE))
			continue;
		map = map_of_fd(insn->imm);
		json_begin(NULL, '{');
		json_num("insn", i);
		json_str("map", map < 0 ? "?" : bpf_map__name(fds[map].map));
		json_end('}');
	}
	json_end(']');
}
