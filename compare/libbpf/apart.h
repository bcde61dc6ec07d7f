/* SPDX-License-Identifier: MIT */
/*
 * Every object is handled in a child process of its own, with a limit on time
 * and memory and, where the kernel is asked, a private mount namespace with a
 * private bpffs: an object can do no harm and leaves nothing.
 */
#ifndef COMPARE_APART_H
#define COMPARE_APART_H

#include <stdbool.h>

struct limits {
	unsigned int seconds, mebibytes;
};

/* The mount point of the private bpffs; without one, just a name. */
extern const char *scratch;

/* apart_init: false, with a message, if there is no place for the mount. */
bool apart_init(void);
void apart_finish(void);

/*
 * apart: write the document of one object to standard output: "oracle", "mode"
 * and "file", and what run adds. False if run did not come back: the document
 * then has the verdict "crash".
 */
bool apart(const char *mode, const char *file, bool kernel, struct limits limits, void (*run)(const char *file));

#endif
