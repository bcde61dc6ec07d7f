// SPDX-License-Identifier: MIT

package elftest

// An Ext is the contents of .BTF.ext under construction.
type Ext struct {
	HeaderSize uint32 // 0 means 32; 24 leaves Relos out, as clang 9 and older did
	Funcs      []ExtSection
	Lines      []ExtSection
	Relos      []ExtSection
}

// An ExtSection is the records for one ELF section. Each record is a list of
// 32-bit words, the first an offset in bytes; a name goes in as [BTF.String].
type ExtSection struct {
	Name    string
	Records [][]uint32
}

// FuncInfo returns a func info record.
func FuncInfo(offset, typ uint32) []uint32 { return []uint32{offset, typ} }

// LineInfo returns a line info record.
func LineInfo(b *BTF, offset uint32, file, text string, line, column uint32) []uint32 {
	return []uint32{offset, b.String(file), b.String(text), line<<10 | column}
}

// CoreRelo returns a CO-RE relocation record.
func CoreRelo(b *BTF, offset, typ uint32, access string, kind uint32) []uint32 {
	return []uint32{offset, typ, b.String(access), kind}
}

// Bytes writes the section and adds the names it needs to b. The record size of
// each kind is that of its first record.
func (e *Ext) Bytes(b *BTF, bigEndian bool) []byte {
	order := appendOrder(bigEndian)
	hdr := e.HeaderSize
	if hdr == 0 {
		hdr = 32
	}
	kinds := [][]ExtSection{e.Funcs, e.Lines, e.Relos}
	if hdr < 32 {
		kinds = kinds[:2]
	}
	var body []byte
	out := order.AppendUint16(nil, 0xeb9f)
	out = append(out, 1, 0)
	out = order.AppendUint32(out, hdr)
	for i, secs := range kinds {
		start := uint32(len(body))
		if len(secs) > 0 {
			size := []uint32{8, 16, 16}[i]
			if len(secs[0].Records) > 0 {
				size = 4 * uint32(len(secs[0].Records[0]))
			}
			body = order.AppendUint32(body, size)
		}
		for _, s := range secs {
			body = order.AppendUint32(body, b.String(s.Name))
			body = order.AppendUint32(body, uint32(len(s.Records)))
			for _, r := range s.Records {
				for _, w := range r {
					body = order.AppendUint32(body, w)
				}
			}
		}
		out = order.AppendUint32(out, start)
		out = order.AppendUint32(out, uint32(len(body))-start)
	}
	for uint32(len(out)) < hdr {
		out = append(out, 0)
	}
	return append(out, body...)
}
