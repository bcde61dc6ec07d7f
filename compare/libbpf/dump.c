// SPDX-License-Identifier: MIT
/*
 * dump tells what libbpf reads from BPF objects, and what becomes of them when
 * libbpf loads them on the running kernel: one JSON document a line, one line
 * an object. It is an oracle to compare with; README.md says what the fields
 * mean.
 *
 * Every object is handled in a child process of its own, with a limit on time
 * and memory and a private mount namespace with a private bpffs, so that an
 * object can do no harm and leaves nothing.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "json.h"
#include "log.h"

/* libbpf 1.6 split loading: prepare does everything but loading programs. */
#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 6
#define HAVE_PREPARE 1
#else
#define HAVE_PREPARE 0
#endif

static const char *target_btf, *kconfig_file, *scratch;
static unsigned int seconds = 120, mebibytes = 4096;
static bool with_insns;

/* ------------------------------------------------------- reading an object -- */

static char *read_text(const char *path)
{
	char *text = NULL;
	size_t len = 0;
	FILE *in = fopen(path, "r");

	if (!in || getdelim(&text, &len, 0, in) < 0) {
		fprintf(stderr, "dump: %s: %s\n", path, strerror(errno));
		_exit(2);
	}
	fclose(in);
	return text;
}

/* open_object: pins by name go below dir, a directory that need not exist yet. */
static struct bpf_object *open_object(const char *file, const char *dir)
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

static void dump_program_head(struct bpf_program *prog)
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

static void dump_error(const char *phase, int err)
{
	char buf[512];

	json_str("phase", phase);
	json_num("errno", -err);
	libbpf_strerror(err, buf, sizeof(buf));
	json_str("error", buf);
	json_str("log", log_tail());
}

static void do_open(const char *file)
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
		json_bool("autoload", bpf_program__autoload(prog));
		json_num("insns", bpf_program__insn_cnt(prog));
		json_end('}');
	}
	json_end(']');
	if (log_len)
		json_str("log", log_tail());
}

/* ----------------------------------------- instructions for the kernel -- */

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

static void learn_fds(struct bpf_object *obj)
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
static void dump_insns(const struct bpf_insn *insns, size_t count)
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

/* --------------------------------------------------------------- loading -- */

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
	char dir[64], reason[1024];
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

static void do_load(const char *file)
{
	struct bpf_program *prog;
	struct bpf_object *obj;
	const char *phase = "open";
	bool *wanted = NULL;
	char dir[64];
	size_t place = 0;
	int err;

	snprintf(dir, sizeof(dir), "%s/all", scratch);
	obj = open_object(file, dir);
	if (!obj) {
		json_str("verdict", "error");
		dump_error(phase, -errno);
		return;
	}
	/* Loading changes autoload: a struct_ops map decides for its programs. */
	bpf_object__for_each_program(prog, obj) {
		wanted = realloc(wanted, (place + 1) * sizeof(*wanted));
		if (!wanted)
			abort();
		wanted[place++] = bpf_program__autoload(prog);
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
static void do_core(const char *file)
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

/* ------------------------------------------------------------ the process -- */

static const struct verb {
	const char *name;
	void (*run)(const char *file);
	bool kernel;
} verbs[] = {
	{ "open", do_open, false },
	{ "load", do_load, true },
	{ "core", do_core, true },
};

static void limit(void)
{
	/* Shared mappings, such as an arena of 4 GiB, do not count here. */
	struct rlimit memory = { (rlim_t)mebibytes << 20, (rlim_t)mebibytes << 20 };

	setrlimit(RLIMIT_DATA, &memory);
	alarm(seconds);
}

/* private_bpffs: pins of this process are seen by nobody and go away with it. */
static void private_bpffs(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", scratch, "bpf", 0, "mode=0700")) {
		fprintf(stderr, "dump: cannot mount a private bpffs: %s (this needs root)\n", strerror(errno));
		_exit(3);
	}
}

static void begin_document(const struct verb *verb, const char *file)
{
	char version[64];

	snprintf(version, sizeof(version), "libbpf %s", libbpf_version_string());
	json_begin(NULL, '{');
	json_str("oracle", version);
	json_str("mode", verb->name);
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

/* handle: false if the object made libbpf crash or ran out of its limits. */
static bool handle(const struct verb *verb, const char *file)
{
	char *text, why[64];
	size_t len;
	int status;
	pid_t child = fork();

	if (child < 0) {
		perror("dump: fork");
		exit(4);
	}
	json_open(&text, &len);
	begin_document(verb, file);
	if (!child) {
		limit();
		if (verb->kernel)
			private_bpffs();
		verb->run(file);
		json_end('}');
		fputc('\n', json_out);
		fclose(json_out);
		finish_document(text, len);
		_exit(0);
	}
	if (waitpid(child, &status, 0) == child && WIFEXITED(status)) {
		fclose(json_out);
		free(text);
		if (WEXITSTATUS(status)) {
			rmdir(scratch);
			exit(WEXITSTATUS(status));
		}
		return true;
	}
	if (WTERMSIG(status) == SIGALRM)
		snprintf(why, sizeof(why), "no result within %u s", seconds);
	else
		snprintf(why, sizeof(why), "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	json_str("verdict", "crash");
	json_str("error", why);
	json_end('}');
	fputc('\n', json_out);
	fclose(json_out);
	finish_document(text, len);
	free(text);
	return false;
}

static int usage(void)
{
	fputs("usage: dump open [options] FILE...   what libbpf reads\n"
	      "       dump load [options] FILE...   what the kernel says, per program\n"
	      "       dump core [options] FILE...   instructions after all relocations\n"
	      "  --btf FILE      relocate against this BTF instead of the running kernel's\n"
	      "  --kconfig FILE  values of CONFIG_ externs\n"
	      "  -x              with load: print the instructions handed to the kernel\n"
	      "  -t SECONDS      give up on an object after this long (120)\n"
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
	static char dir[] = "/tmp/compare-libbpf.XXXXXX";
	const struct verb *verb = NULL;
	bool all = true;
	size_t i;
	int opt;

	while ((opt = getopt_long(argc, argv, "xt:m:", options, NULL)) != -1) {
		switch (opt) {
		case 'b': target_btf = optarg; break;
		case 'k': kconfig_file = optarg; break;
		case 'x': with_insns = true; break;
		case 't': seconds = atoi(optarg); break;
		case 'm': mebibytes = atoi(optarg); break;
		default: return usage();
		}
	}
	for (i = 0; optind < argc && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[optind], verbs[i].name))
			verb = &verbs[i];
	if (!verb || optind + 1 >= argc || !seconds || !mebibytes)
		return usage();

	libbpf_set_print(log_print);
	/* A delegation token of /sys/fs/bpf would make the answer depend on the machine. */
	setenv("LIBBPF_BPF_TOKEN_PATH", "", 1);
	scratch = mkdtemp(dir);
	if (!scratch) {
		perror("dump: mkdtemp");
		return 4;
	}
	for (optind++; optind < argc; optind++)
		all = handle(verb, argv[optind]) && all;
	rmdir(scratch);
	return all ? 0 : 1;
}
