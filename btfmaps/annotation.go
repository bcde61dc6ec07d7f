// SPDX-License-Identifier: MIT

package btfmaps

import (
	"slices"
	"strings"

	"github.com/bpfload/bpfload/rawbtf"
)

// annotationPrefix begins the names of structs and variables that the macro
// BPF_ANNOTATE_KV_PAIR made, Linux 4.18 to 5.2.
const annotationPrefix = "____btf_map_"

func isAnnotation(name string) bool { return strings.HasPrefix(name, annotationPrefix) }

// An Annotation gives the types of key and value of a map of the old maps
// section. It defines no map.
type Annotation struct {
	Map        string // name of the map
	Key, Value rawbtf.ID
}

// Annotations returns the annotations of an object, ordered by map name. They are
// structs named ____btf_map_NAME with the key as first and the value as second
// member, wherever the compiler put the variable of that type.
func Annotations(types *rawbtf.Spec) []Annotation {
	var found []Annotation
	types.All(func(t rawbtf.Type) bool {
		if t.Kind == rawbtf.KindStruct && t.Vlen >= 2 && isAnnotation(t.Name()) {
			found = append(found, Annotation{t.Name()[len(annotationPrefix):], t.Member(0).Type, t.Member(1).Type})
		}
		return true
	})
	slices.SortStableFunc(found, func(a, b Annotation) int { return strings.Compare(a.Map, b.Map) })
	return found
}

// FindAnnotation returns the annotation for a map; list is what [Annotations]
// returned.
func FindAnnotation(list []Annotation, name string) (Annotation, bool) {
	i, ok := slices.BinarySearchFunc(list, name, func(a Annotation, name string) int { return strings.Compare(a.Map, name) })
	if !ok {
		return Annotation{}, false
	}
	return list[i], true
}
