// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "log.h"

enum { LOG_KEEP = 1 << 16, LOG_SHOWN = 4096 };

static char log_text[2 * LOG_KEEP + 1];
static size_t log_len;

void log_clear(void)
{
	log_len = 0;
	log_text[0] = 0;
}

int log_print(enum libbpf_print_level level, const char *format, va_list args)
{
	char *line;
	size_t len;
	int n;

	if (level == LIBBPF_DEBUG)
		return 0;
	n = vasprintf(&line, format, args);
	if (n < 0)
		return 0;
	len = n;
	if (len > LOG_KEEP) {
		memmove(line, line + len - LOG_KEEP, LOG_KEEP + 1);
		len = LOG_KEEP;
	}
	if (log_len + len > 2 * LOG_KEEP) {
		memmove(log_text, log_text + log_len - LOG_KEEP, LOG_KEEP);
		log_len = LOG_KEEP;
	}
	memcpy(log_text + log_len, line, len + 1);
	log_len += len;
	free(line);
	return n;
}

const char *log_tail(void)
{
	const char *start = log_text, *line;

	if (log_len <= LOG_SHOWN)
		return start;
	start = log_text + log_len - LOG_SHOWN;
	line = strchr(start, '\n');
	return line && line[1] ? line + 1 : start;
}

bool log_has(const char *needle)
{
	return strstr(log_text, needle) != NULL;
}

const char *log_reason(char *buf, size_t size)
{
	static const char begin[] = "-- BEGIN PROG LOAD LOG --\n", end[] = "\n-- END PROG LOAD LOG --";
	static const char *const dull[] = { "failed to load object", ": failed to load: -", "BPF program load failed: " };
	const char *from = log_text, *to, *line, *next, *p;
	bool says_nothing;
	size_t i;

	buf[0] = 0;
	to = from + log_len;
	p = strstr(log_text, end);
	if (p) {
		to = p;
		p = strstr(log_text, begin);
		from = p && p < to ? p + sizeof(begin) - 1 : log_text;
	}
	for (line = from; line < to; line = next + 1) {
		next = memchr(line, '\n', to - line);
		if (!next)
			next = to;
		says_nothing = next == line || !strncmp(line, "processed ", 10) ||
			       !strncmp(line, "verification time ", 18) || !strncmp(line, "stack depth ", 12);
		for (i = 0; i < sizeof(dull) / sizeof(dull[0]); i++)
			if (memmem(line, next - line, dull[i], strlen(dull[i])))
				says_nothing = true;
		if (says_nothing && buf[0])
			continue;
		snprintf(buf, size, "%.*s", (int)(next - line), line);
	}
	return buf;
}
