// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "apart.h"
#include "dump.h"
#include "json.h"
#include "log.h"

static char *read_text(const char *path)
{
	char *text = NULL;
	size_t len = 0;
	FILE *in = fopen(path, "r");

	if (!in || getdelim(&text, &len, 0, in) < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		_exit(2);
	}
	fclose(in);
	return text;
}

struct bpf_object *open_object(const char *file, const char *dir)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);

	opts.pin_root_path = dir;
	opts.btf_custom_path = target_btf;
	if (kconfig_file)
		opts.kconfig = read_text(kconfig_file);
	return bpf_object__open_file(file, &opts);
}

/* type_name: the kernel's name in lower case; the number where libbpf knows none. */
static const char *type_name(const char *known, unsigned int number, char buf[16])
{
	if (known)
		return known;
	snprintf(buf, 16, "%u", number);
	return buf;
}

static uint64_t fnv1a(const unsigned char *data, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325;

	while (len--)
		hash = (hash ^ *data++) * 0x100000001b3;
	return hash;
}

bool will_load(struct bpf_object *obj, struct bpf_program *prog)
{
	bool load = bpf_program__autoload(prog), used = false, created = false;
	struct bpf_map *map;
	size_t len, i;
	void **slots;

	bpf_object__for_each_map(map, obj) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		slots = (void **)bpf_map__initial_value(map, &len);
		for (i = 0; slots && i < len / sizeof(*slots); i++) {
			if (slots[i] == prog) {
				used = true;
				created |= bpf_map__autocreate(map);
			}
		}
	}
	return used ? created : load;
}

static void dump_map(const char *key, struct bpf_map *map)
{
	const char *name = bpf_map__name(map), *dot;
	struct bpf_map *inner = bpf_map__inner_map(map);
	enum bpf_map_type type = bpf_map__type(map);
	const void *value;
	size_t len = 0;
	char buf[32];

	json_begin(key, '{');
	json_str("name", name);
	json_str("type", type_name(libbpf_bpf_map_type_str(type), type, buf));
	json_num("type_number", type);
	json_num("key_size", bpf_map__key_size(map));
	json_num("value_size", bpf_map__value_size(map));
	json_num("max_entries", bpf_map__max_entries(map));
	json_num("map_flags", bpf_map__map_flags(map));
	json_num("map_extra", bpf_map__map_extra(map));
	json_num("numa_node", bpf_map__numa_node(map));
	json_num("btf_key_type_id", bpf_map__btf_key_type_id(map));
	json_num("btf_value_type_id", bpf_map__btf_value_type_id(map));
	json_num("ifindex", bpf_map__ifindex(map));
	json_bool("autocreate", bpf_map__autocreate(map));
	json_bool("internal", bpf_map__is_internal(map));
	/* An internal map is called after its section, sometimes with the object's name before it. */
	dot = name && bpf_map__is_internal(map) ? strchr(name, '.') : NULL;
	if (dot)
		json_str("section", dot);
	json_num("pinning", bpf_map__pin_path(map) != NULL);
	if (bpf_map__pin_path(map) && !strncmp(bpf_map__pin_path(map), scratch, strlen(scratch)))
		json_str("pin_path", bpf_map__pin_path(map) + strlen(scratch));
	value = bpf_map__initial_value(map, &len);
	/* The shadow of a struct_ops value holds addresses of this process. */
	if (value && type != BPF_MAP_TYPE_STRUCT_OPS) {
		json_num("initial_size", len);
		snprintf(buf, sizeof(buf), "%016llx", (unsigned long long)fnv1a(value, len));
		json_str("initial_fnv1a", buf);
	}
	if (inner)
		dump_map("inner", inner);
	json_end('}');
}

void dump_program_head(struct bpf_program *prog)
{
	enum bpf_prog_type type = bpf_program__type(prog);
	enum bpf_attach_type attach = bpf_program__expected_attach_type(prog);
	char buf[16];

	json_str("name", bpf_program__name(prog));
	json_str("section", bpf_program__section_name(prog));
	json_str("type", type_name(libbpf_bpf_prog_type_str(type), type, buf));
	json_num("type_number", type);
	json_str("attach_type", type_name(libbpf_bpf_attach_type_str(attach), attach, buf));
	json_num("attach_type_number", attach);
	json_num("flags", bpf_program__flags(prog));
}

void dump_error(const char *phase, int err)
{
	char buf[512];

	json_str("phase", phase);
	json_num("errno", -err);
	libbpf_strerror(err, buf, sizeof(buf));
	json_str("error", buf);
	json_str("log", log_tail());
}

void do_open(const char *file)
{
	struct bpf_object *obj = open_object(file, scratch);
	struct bpf_program *prog;
	struct bpf_map *map;

	if (!obj) {
		json_str("verdict", "error");
		dump_error("open", -errno);
		return;
	}
	json_str("verdict", "ok");
	json_bool("btf", bpf_object__btf(obj) != NULL);
	json_begin("maps", '[');
	bpf_object__for_each_map(map, obj)
		dump_map(NULL, map);
	json_end(']');
	json_begin("programs", '[');
	bpf_object__for_each_program(prog, obj) {
		json_begin(NULL, '{');
		dump_program_head(prog);
		json_bool("autoload", will_load(obj, prog));
		json_num("own_insns", bpf_program__insn_cnt(prog)); /* without those it calls */
		json_end('}');
	}
	json_end(']');
	if (*log_tail())
		json_str("log", log_tail());
}
