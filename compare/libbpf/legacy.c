// SPDX-License-Identifier: MIT
/*
 * legacy tells what a libbpf before 1.0, which still knew "maps" sections, reads
 * from them: the first five words of every definition. It is built against
 * Debian 11's libbpf 0.3.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "apart.h"
#include "json.h"
#include "log.h"

static void do_open(const char *file)
{
	DECLARE_LIBBPF_OPTS(bpf_object_open_opts, opts, .relaxed_maps = true, .pin_root_path = scratch);
	struct bpf_object *obj = bpf_object__open_file(file, &opts);
	long err = libbpf_get_error(obj);
	struct bpf_map *map;

	if (err) {
		json_str("verdict", "error");
		json_str("phase", "open");
		json_num("errno", -err);
		json_str("error", strerror(-err));
		json_str("log", log_tail());
		return;
	}
	json_str("verdict", "ok");
	json_begin("maps", '[');
	bpf_object__for_each_map(map, obj) {
		json_begin(NULL, '{');
		json_str("name", bpf_map__name(map));
		json_num("type_number", bpf_map__type(map)); /* this libbpf has no names for it */
		json_num("key_size", bpf_map__key_size(map));
		json_num("value_size", bpf_map__value_size(map));
		json_num("max_entries", bpf_map__max_entries(map));
		json_num("map_flags", bpf_map__map_flags(map));
		if (bpf_map__is_internal(map))
			json_str("section", strchr(bpf_map__name(map), '.'));
		json_end('}');
	}
	json_end(']');
}

int main(int argc, char **argv)
{
	struct limits limits = { .seconds = 60, .mebibytes = 1024 };
	int i;

	if (argc < 3 || strcmp(argv[1], "open")) {
		fputs("usage: legacy open FILE...\n", stderr);
		return 2;
	}
	libbpf_set_print(log_print);
	if (!apart_init())
		return 4;
	for (i = 2; i < argc; i++)
		apart("open", argv[i], false, limits, do_open);
	apart_finish();
	return 0;
}
