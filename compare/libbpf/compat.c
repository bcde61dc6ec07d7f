/* SPDX-License-Identifier: MIT */
/*
 * A libbpf.a built against glibc 2.38 or later asks for these; they differ from
 * the functions before only in reading 0b binary numbers.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((weak)) int __isoc23_sscanf(const char *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsscanf(text, format, args);
	va_end(args);
	return n;
}

__attribute__((weak)) int __isoc23_fscanf(FILE *in, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vfscanf(in, format, args);
	va_end(args);
	return n;
}

__attribute__((weak)) unsigned long long __isoc23_strtoull(const char *text, char **end, int base)
{
	return strtoull(text, end, base);
}

__attribute__((weak)) unsigned long __isoc23_strtoul(const char *text, char **end, int base)
{
	return strtoul(text, end, base);
}

__attribute__((weak)) long __isoc23_strtol(const char *text, char **end, int base)
{
	return strtol(text, end, base);
}

__attribute__((weak)) long long __isoc23_strtoll(const char *text, char **end, int base)
{
	return strtoll(text, end, base);
}
