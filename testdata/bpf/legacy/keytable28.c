// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// A decoder of infrared signals as ir-keytable of v4l-utils loads it: the kernel
// samples' 28 bytes a record in a section "lirc_mode2/maps", and parameters. A
// parameter is an int whose address is used as a number: the loader writes the
// int's value, which its user may have changed, into the instruction.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
	unsigned int inner_map_idx;
	unsigned int numa_node;
};

struct state {
	unsigned int bits;
	unsigned int count;
};

struct bpf_map_def SEC("lirc_mode2/maps") decoder_state = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(unsigned int),
	.value_size = sizeof(struct state),
	.max_entries = 1,
};

#define PARAM(x) ((int)(long)&(x))

int margin = 200;
int protocol = 66;
int toggle;

SEC("lirc_mode2/sample")
int decode(unsigned int *sample)
{
	unsigned int key = 0, length = *sample & 0xffffff;
	struct state *s = bpf_map_lookup_elem(&decoder_state, &key);

	if (!s)
		return 0;
	if (length < 600u - PARAM(margin) || length > 600u + PARAM(margin)) {
		s->count = 0;
		return 0;
	}
	s->bits <<= 1;
	if (++s->count == 8) {
		bpf_rc_keydown(sample, PARAM(protocol), s->bits & 0xff, PARAM(toggle));
		s->count = 0;
	}
	return 0;
}

/* The numbers that stand in the code. */
SEC("lirc_mode2/numbers")
int numbers(void *ctx)
{
	return PARAM(margin) * 1000 + PARAM(protocol) * 10 + PARAM(toggle);
}

char _license[] SEC("license") = "GPL";
