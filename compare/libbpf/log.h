/* SPDX-License-Identifier: MIT */
/*
 * What libbpf says while it works: the end of it is kept, because a verifier
 * log can have many megabytes and names its reason last.
 */
#ifndef COMPARE_LOG_H
#define COMPARE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/libbpf.h>

void log_clear(void);

/* log_print: a libbpf_print_fn_t. */
int log_print(enum libbpf_print_level level, const char *format, va_list args);

/* log_tail: the last whole lines, of some kilobytes. */
const char *log_tail(void);
bool log_has(const char *needle);

/*
 * log_reason: the line that tells why a program was refused, copied to buf:
 * the last one of the verifier's log that is no statistics, or, without such a
 * log, the last of libbpf's own complaints that says more than that it failed.
 */
const char *log_reason(char *buf, size_t size);

#endif
