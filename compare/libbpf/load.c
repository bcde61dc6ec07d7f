// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include "apart.h"
#include "dump.h"
#include "json.h"
#include "log.h"

static void dump_linked(struct bpf_program *prog)
{
	json_num("insns", bpf_program__insn_cnt(prog));
#if HAVE_PREPARE
	json_num("func_infos", bpf_program__func_info_cnt(prog));
	json_num("line_infos", bpf_program__line_info_cnt(prog));
#endif
	if (with_insns)
		dump_insns(bpf_program__insns(prog), bpf_program__insn_cnt(prog));
}

static void dump_accepted(struct bpf_program *prog)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	json_str("verdict", "ok");
	dump_linked(prog);
	if (bpf_program__fd(prog) < 0 || bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		return;
	json_num("verified_insns", info.verified_insns);
	json_num("xlated_insns", info.xlated_prog_len / sizeof(struct bpf_insn));
	json_bool("gpl_compatible", info.gpl_compatible);
}

/* load: 0, or the error and in *phase where it came from. */
static int load(struct bpf_object *obj, const char **phase)
{
	int err = 0;

	learn_fds(obj);
#if HAVE_PREPARE
	*phase = "prepare";
	err = bpf_object__prepare(obj);
	if (err)
		return err;
#endif
	*phase = "load";
	err = bpf_object__load(obj);
	return err;
}

/*
 * release_struct_ops: leave of the object's struct_ops maps only what needs
 * prog. A map makes libbpf load every program it refers to, so references to
 * the others become NULL, and maps without one to prog are not created.
 */
static void release_struct_ops(struct bpf_object *obj, struct bpf_program *prog)
{
	struct bpf_program *other;
	struct bpf_map *map;
	size_t len, i;
	void **slots;
	bool used;

	bpf_object__for_each_map(map, obj) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		slots = (void **)bpf_map__initial_value(map, &len);
		used = false;
		for (i = 0; slots && i < len / sizeof(*slots); i++) {
			bpf_object__for_each_program(other, obj) {
				if (slots[i] != other)
					continue;
				if (other == prog)
					used = true;
				else
					slots[i] = NULL;
				break;
			}
		}
		if (!used)
			bpf_map__set_autocreate(map, false);
	}
}

/* try_program: load the object with only its program of that place in it. */
static void try_program(const char *file, size_t place)
{
	struct bpf_program *prog, *wanted = NULL;
	struct bpf_object *obj;
	const char *phase = "open";
	char dir[4200], reason[1024];
	size_t i = 0;
	int err;

	snprintf(dir, sizeof(dir), "%s/p%zu", scratch, place);
	log_clear();
	obj = open_object(file, dir);
	if (!obj) {
		json_str("verdict", "rejected");
		dump_error(phase, -errno);
		return;
	}
	bpf_object__for_each_program(prog, obj) {
		if (i == place)
			wanted = prog;
		bpf_program__set_autoload(prog, i++ == place);
	}
	release_struct_ops(obj, wanted);
	err = load(obj, &phase);
	/*
	 * A prog array cannot get programs that this trial left out; they come
	 * after the program was accepted.
	 */
	if (!err || (log_has("failed to initialize slot") && log_has(" to prog '"))) {
		dump_accepted(wanted);
	} else {
		json_str("verdict", "rejected");
		dump_error(phase, err);
		json_str("reason", log_reason(reason, sizeof(reason)));
		if (!strcmp(phase, "load"))
			dump_linked(wanted);
	}
	bpf_object__close(obj);
}

void do_load(const char *file)
{
	struct bpf_program *prog;
	struct bpf_object *obj;
	const char *phase = "open";
	bool *wanted = NULL;
	char dir[4200];
	size_t place = 0;
	int err;

	snprintf(dir, sizeof(dir), "%s/all", scratch);
	obj = open_object(file, dir);
	if (!obj) {
		json_str("verdict", "error");
		dump_error(phase, -errno);
		return;
	}
	/* Loading changes autoload and what struct_ops maps refer to. */
	bpf_object__for_each_program(prog, obj) {
		wanted = realloc(wanted, (place + 1) * sizeof(*wanted));
		if (!wanted)
			abort();
		wanted[place++] = will_load(obj, prog);
	}
	err = load(obj, &phase);
	json_str("verdict", err ? "rejected" : "accepted");
	if (err)
		dump_error(phase, err);
	json_begin("programs", '[');
	place = 0;
	bpf_object__for_each_program(prog, obj) {
		json_begin(NULL, '{');
		dump_program_head(prog);
		json_bool("autoload", wanted[place]);
		if (!err && bpf_program__fd(prog) >= 0)
			dump_accepted(prog);
		else if (!wanted[place])
			json_str("verdict", "skipped");
		else if (!err)
			json_str("verdict", "unloaded");
		else
			try_program(file, place);
		json_end('}');
		place++;
	}
	json_end(']');
}

/*
 * do_core: relocated instructions. They are complete before maps are created,
 * so what this kernel thinks of the maps does not matter.
 */
void do_core(const char *file)
{
#if HAVE_PREPARE
	struct bpf_object *obj = open_object(file, scratch);
	struct bpf_program *prog;
	int err;

	if (!obj) {
		json_str("verdict", "error");
		dump_error("open", -errno);
		return;
	}
	learn_fds(obj);
	with_insns = true;
	err = bpf_object__prepare(obj);
	if (err && (log_has("failed to relocate") || log_has("failed to perform CO-RE relocations") ||
		    !log_has("failed to create"))) {
		json_str("verdict", "rejected");
		dump_error("prepare", err);
		return;
	}
	json_str("verdict", "ok");
	if (err)
		dump_error("prepare", err);
	json_begin("programs", '[');
	bpf_object__for_each_program(prog, obj) {
		json_begin(NULL, '{');
		dump_program_head(prog);
		dump_linked(prog);
		json_end('}');
	}
	json_end(']');
#else
	json_str("verdict", "error");
	json_str("error", "this libbpf has no bpf_object__prepare: 1.6 or later is needed");
	(void)file;
#endif
}
