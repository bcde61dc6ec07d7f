// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include "json.h"

FILE *json_out;
static bool json_comma;

void json_open(char **text, size_t *len)
{
	json_out = open_memstream(text, len);
	if (!json_out)
		abort();
	json_comma = false;
}

void json_close(void)
{
	fclose(json_out);
}

static void json_sep(void)
{
	if (json_comma)
		fputc(',', json_out);
	json_comma = true;
}

/* utf8_len: length of the valid UTF-8 sequence at s, 0 if there is none. */
static size_t utf8_len(const unsigned char *s, size_t left)
{
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (n > left)
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void json_text(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t left = strlen(text), n;

	fputc('"', json_out);
	for (; left; s += n, left -= n) {
		n = utf8_len(s, left);
		if (!n) {
			fputs("\\ufffd", json_out);
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(json_out, "\\%c", *s);
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(json_out, "\\u%04x", *s);
		} else {
			fwrite(s, 1, n, json_out);
		}
	}
	fputc('"', json_out);
}

void json_key(const char *key)
{
	json_sep();
	json_text(key);
	fputc(':', json_out);
}

void json_begin(const char *key, char bracket)
{
	if (key)
		json_key(key);
	else
		json_sep();
	fputc(bracket, json_out);
	json_comma = false;
}

void json_end(char bracket)
{
	fputc(bracket, json_out);
	json_comma = true;
}

void json_str(const char *key, const char *text)
{
	if (!text)
		return;
	json_key(key);
	json_text(text);
}

void json_num(const char *key, uint64_t value)
{
	json_key(key);
	fprintf(json_out, "%llu", (unsigned long long)value);
}

void json_bool(const char *key, bool value)
{
	json_key(key);
	fputs(value ? "true" : "false", json_out);
}
