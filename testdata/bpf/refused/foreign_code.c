// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Nothing in it is for a kernel: no license, no program, no map.
int add(int a, int b)
{
	return a + b;
}
