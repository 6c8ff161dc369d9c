// Says of many trees of files, in one process, what kustomize builds of them: which files it read, or why it would not.
//
// Input: frames of a decimal length, a newline, and that many bytes of JSON: the folder to build and the files by path.
// Output: one JSON verdict a line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Tree is what is built.
type Tree struct {
	Folder string            `json:"folder"`
	Files  map[string]string `json:"files"`
}

// Verdict is the answer for one tree.
type Verdict struct {
	// Why it was not built; empty where it was.
	Error string   `json:"error"`
	Read  []string `json:"read"`
}

// Recorder remembers what was read of the files beneath it.
type recorder struct {
	filesys.FileSystem
	read map[string]bool
}

func (r recorder) ReadFile(path string) ([]byte, error) {
	content, err := r.FileSystem.ReadFile(path)
	if err == nil {
		r.read[strings.TrimPrefix(path, "/")] = true
	}
	return content, err
}

func build(tree Tree) (verdict Verdict) {
	defer func() {
		if r := recover(); r != nil {
			verdict.Error = fmt.Sprintf("panic: %v", r)
		}
	}()
	files := recorder{filesys.MakeFsInMemory(), map[string]bool{}}
	for path, text := range tree.Files {
		if err := files.WriteFile("/"+path, []byte(text)); err != nil {
			panic(err)
		}
	}
	// As Flux builds: files may lie outside the folder.
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	if _, err := krusty.MakeKustomizer(options).Run(files, "/"+tree.Folder); err != nil {
		verdict.Error = err.Error()
	}
	verdict.Read = []string{}
	for path := range files.read {
		verdict.Read = append(verdict.Read, path)
	}
	slices.Sort(verdict.Read)
	return verdict
}

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return
		}
		length, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			panic(err)
		}
		frame := make([]byte, length)
		if _, err := io.ReadFull(in, frame); err != nil {
			panic(err)
		}
		var tree Tree
		if err := json.Unmarshal(frame, &tree); err != nil {
			panic(err)
		}
		verdict, err := json.Marshal(build(tree))
		if err != nil {
			panic(err)
		}
		out.Write(append(verdict, '\n'))
	}
}
