package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"
	_ "unsafe" // For go:linkname.

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"go.yaml.in/yaml/v4"
)

// The kinds of documents that the machinery registers. Its list is not exported, and one that is kept by hand would not
// notice a new kind.
//
//go:linkname registeredKinds github.com/siderolabs/talos/pkg/machinery/config/internal/registry.Kinds
func registeredKinds() []string

// Document is one kind of document.
type Document struct {
	Struct    string   `json:"struct"`
	Named     bool     `json:"named,omitempty"`
	Conflicts []string `json:"conflicts,omitempty"`
}

// Schema is what of Talos' types a decoder and a merge see.
type Schema struct {
	Documents map[string]Document `json:"documents"`
	// Fields in order: key, type, and "replace" where a merge replaces.
	Structs map[string][][]string `json:"structs"`
	// The words that a text type takes.
	Words map[string][]string `json:"words"`
}

type obsoleteUnmarshaler interface {
	UnmarshalYAML(unmarshal func(any) error) error
}

var (
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
	yamlType     = reflect.TypeFor[yaml.Unmarshaler]()
	obsoleteType = reflect.TypeFor[obsoleteUnmarshaler]()
	mergerType   = reflect.TypeFor[interface{ Merge(other any) error }]()
	anyType      = reflect.TypeFor[any]()
)

func nameOf(t reflect.Type) string {
	name := t.Name()
	if t.PkgPath() != "" {
		name = path.Base(t.PkgPath()) + "." + name
	}
	return name
}

func (s *Schema) typeOf(t reflect.Type) string {
	pointer := reflect.PointerTo(t)
	merger := ""
	if pointer.Implements(mergerType) {
		merger = "merge " + nameOf(t) + " "
	}
	switch {
	case t.Kind() == reflect.Pointer:
		return merger + "*" + s.typeOf(t.Elem())
	case t == reflect.TypeFor[time.Duration]():
		return "duration"
	case t == anyType:
		return "any"
	case pointer.Implements(yamlType), pointer.Implements(obsoleteType):
		s.inner(t)
		return merger + "yaml " + nameOf(t)
	case pointer.Implements(textType):
		s.words(t)
		return merger + "text " + nameOf(t)
	}
	switch t.Kind() {
	case reflect.Struct:
		s.structOf(t)
		return merger + "struct " + nameOf(t)
	case reflect.Slice:
		return merger + "[]" + s.typeOf(t.Elem())
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			panic("a map whose keys are no strings: " + t.String())
		}
		return merger + "{}" + s.typeOf(t.Elem())
	default:
		return merger + t.Kind().String()
	}
}

// inner finds the structs below a type that decodes itself: unknown keys are looked for in them.
func (s *Schema) inner(t reflect.Type) {
	switch t.Kind() {
	case reflect.Struct:
		s.structOf(t)
	case reflect.Slice:
		s.inner(t.Elem())
	}
}

func (s *Schema) structOf(t reflect.Type) {
	name := nameOf(t)
	if _, ok := s.Structs[name]; ok {
		return
	}
	fields := [][]string{}
	s.Structs[name] = fields
	for i := range t.NumField() {
		field := t.Field(i)
		if !field.IsExported() {
			continue
		}
		tag, has := field.Tag.Lookup("yaml")
		if tag == "-" {
			continue
		}
		key, options, _ := strings.Cut(tag, ",")
		if !has {
			key = strings.ToLower(field.Name)
		}
		if strings.Contains(options, "inline") {
			if field.Type.Kind() == reflect.Struct {
				s.structOf(field.Type)
				fields = append(fields, s.Structs[nameOf(field.Type)]...)
				continue
			}
			key = "*"
		}
		entry := []string{key, s.typeOf(field.Type)}
		if strings.Contains(field.Tag.Get("merge"), "replace") {
			entry = append(entry, "replace")
		}
		fields = append(fields, entry)
	}
	s.Structs[name] = fields
}

// words finds the values of an enumeration by asking the type how it writes its numbers.
func (s *Schema) words(t reflect.Type) {
	found := map[string]bool{}
	switch t.Kind() {
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Int, reflect.Int8, reflect.Int32, reflect.Int16:
		for number := range 70000 {
			value := reflect.New(t)
			if t.Kind() == reflect.Uint8 && number > 255 {
				break
			}
			if value.Elem().CanUint() {
				value.Elem().SetUint(uint64(number))
			} else {
				value.Elem().SetInt(int64(number))
			}
			text := fmt.Sprint(value.Elem().Interface())
			again := reflect.New(t).Interface().(encoding.TextUnmarshaler)
			if again.UnmarshalText([]byte(text)) == nil && reflect.ValueOf(again).Elem().Equal(value.Elem()) {
				found[text] = true
			}
		}
	}
	if len(found) == 0 || len(found) > 1000 {
		return
	}
	words := []string{}
	for word := range found {
		words = append(words, word)
	}
	sort.Strings(words)
	s.Words[nameOf(t)] = words
}

func load(text string) config.Document {
	provider, err := configloader.NewFromBytes([]byte(text), configloader.WithAllowPatchDelete())
	if err != nil {
		panic(err)
	}
	return provider.Documents()[0]
}

func writeSchema(out io.Writer) {
	s := &Schema{Documents: map[string]Document{}, Structs: map[string][][]string{}, Words: map[string][]string{}}
	add := func(kind, text string) {
		document := load(text)
		t := reflect.TypeOf(document).Elem()
		s.structOf(t)
		entry := Document{Struct: nameOf(t)}
		_, entry.Named = document.(config.NamedDocument)
		if conflicting, ok := document.(config.ConflictingDocument); ok {
			entry.Conflicts = conflicting.ConflictsWithKinds()
		}
		s.Documents[kind] = entry
	}
	add("", "machine: {}\n")
	for _, kind := range registeredKinds() {
		if kind == "v1alpha1" {
			continue
		}
		add(kind, "apiVersion: v1alpha1\nkind: "+kind+"\n")
	}
	// A line for each type: a difference shows which one it is.
	fmt.Fprintln(out, "{")
	section(out, "documents", s.Documents, ",")
	section(out, "structs", s.Structs, ",")
	section(out, "words", s.Words, "")
	fmt.Fprintln(out, "}")
}

func section[T any](out io.Writer, name string, entries map[string]T, end string) {
	keys := slices.Sorted(maps.Keys(entries))
	fmt.Fprintf(out, "%q: {\n", name)
	for i, key := range keys {
		text, err := json.Marshal(entries[key])
		if err != nil {
			panic(err)
		}
		comma := ","
		if i == len(keys)-1 {
			comma = ""
		}
		fmt.Fprintf(out, "%q: %s%s\n", key, text, comma)
	}
	fmt.Fprintf(out, "}%s\n", end)
}
