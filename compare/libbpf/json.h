/* SPDX-License-Identifier: MIT */
/* A JSON writer: one growing buffer, commas placed by the writer. */
#ifndef COMPARE_JSON_H
#define COMPARE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A NULL key is for elements of arrays; a NULL text writes nothing. */
void json_open(char **text, size_t *len);
void json_close(void);
void json_key(const char *key);
void json_begin(const char *key, char bracket);
void json_end(char bracket);
void json_str(const char *key, const char *text);
void json_num(const char *key, uint64_t value);
void json_bool(const char *key, bool value);
/* For values in other forms, after json_key. */
extern FILE *json_out;

#endif
