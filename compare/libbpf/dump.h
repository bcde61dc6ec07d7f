/* SPDX-License-Identifier: MIT */
#ifndef COMPARE_DUMP_H
#define COMPARE_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <bpf/libbpf.h>

/* libbpf 1.6 split loading: prepare does everything but loading programs. */
#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 6
#define HAVE_PREPARE 1
#else
#define HAVE_PREPARE 0
#endif

/* What the command line asked for. */
extern const char *target_btf, *kconfig_file;
extern bool with_insns;

/* open.c: pins by name go below dir, a directory that need not exist yet. */
struct bpf_object *open_object(const char *file, const char *dir);

/*
 * will_load: what autoload comes to. A struct_ops map decides for the programs
 * that it refers to, which libbpf finds out when it loads.
 */
bool will_load(struct bpf_object *obj, struct bpf_program *prog);
void dump_program_head(struct bpf_program *prog);
void dump_error(const char *phase, int err);
void do_open(const char *file);

/* insns.c: learn_fds is to be called between opening and loading. */
void learn_fds(struct bpf_object *obj);
void dump_insns(const struct bpf_insn *insns, size_t count);

/* load.c */
void do_load(const char *file);
void do_core(const char *file);

#endif
