// Says of many trees of files, in one process, what is built of them: which files were read, which objects came out, or
// why it was refused. A tree with a Flux Kustomization is built as kustomize-controller builds it: its generator writes
// the kustomization, its build runs, its substitution fills variables in. One without is built by kustomize alone, with
// Flux's options.
//
// Input: frames of a decimal length, a newline, and that many bytes of JSON: the folder to build and the files by path.
// Output: one JSON verdict a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fluxcd/pkg/kustomize"
	securefs "github.com/fluxcd/pkg/kustomize/filesys"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Tree is what is built.
type Tree struct {
	Folder string            `json:"folder"`
	Files  map[string]string `json:"files"`
	// A Kustomization of Flux; none for kustomize alone.
	Kustomization map[string]any `json:"kustomization"`
	// What the cluster holds for substituteFrom: data by `kind/name`.
	Cluster map[string]map[string]string `json:"cluster"`
}

// Object is one that came out, by what tells it apart.
type Object struct {
	Group     string `json:"group"`
	Version   string `json:"version"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// spec.path of a Kustomization of Flux.
	Path string `json:"path"`
}

// Verdict is the answer for one tree.
type Verdict struct {
	// Why it was not built; empty where it was.
	Error   string   `json:"error"`
	Read    []string `json:"read"`
	Objects []Object `json:"objects"`
}

// Recorder remembers what was read of the files beneath it.
type recorder struct {
	filesys.FileSystem
	root string
	read map[string]bool
}

func (r recorder) ReadFile(path string) ([]byte, error) {
	content, err := r.FileSystem.ReadFile(path)
	if err == nil {
		if absolute, err := filepath.Abs(path); err == nil {
			path = absolute
		}
		r.read[strings.TrimPrefix(strings.TrimPrefix(path, r.root), "/")] = true
	}
	return content, err
}

// Cluster answers what substitution asks for, and nothing else.
type cluster struct {
	client.Client
	data map[string]map[string]string
}

func (c cluster) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	switch object := into.(type) {
	case *corev1.ConfigMap:
		if data, ok := c.data["ConfigMap/"+key.Name]; ok {
			object.Data = data
			return nil
		}
	case *corev1.Secret:
		if data, ok := c.data["Secret/"+key.Name]; ok {
			object.Data = map[string][]byte{}
			for name, value := range data {
				object.Data[name] = []byte(value)
			}
			return nil
		}
	}
	return apierrors.NewNotFound(schema.GroupResource{}, key.Name)
}

func described(resources resmap.ResMap) ([]Object, error) {
	found := []Object{}
	for _, resource := range resources.Resources() {
		gvk := resource.GetGvk()
		object := Object{gvk.Group, gvk.Version, gvk.Kind, resource.GetNamespace(), resource.GetName(), ""}
		if gvk.Group == "kustomize.toolkit.fluxcd.io" {
			whole, err := resource.Map()
			if err != nil {
				return nil, err
			}
			object.Path, _, _ = unstructured.NestedString(whole, "spec", "path")
		}
		found = append(found, object)
	}
	return found, nil
}

// Options of github.com/fluxcd/pkg/kustomize, Build: files may lie outside the folder. Build itself parses the schema of Kubernetes
// anew each time, which no tree here changes.
func options() *krusty.Options {
	return &krusty.Options{LoadRestrictions: types.LoadRestrictionsNone, PluginConfig: types.DisabledPluginConfig()}
}

func alone(tree Tree, files recorder) (resmap.ResMap, error) {
	for path, text := range tree.Files {
		if err := files.WriteFile("/"+path, []byte(text)); err != nil {
			return nil, err
		}
	}
	return krusty.MakeKustomizer(options()).Run(files, "/"+tree.Folder)
}

func byFlux(tree Tree, files recorder) (resmap.ResMap, error) {
	object := unstructured.Unstructured{Object: tree.Kustomization}
	folder := filepath.Join(files.root, tree.Folder)
	if _, err := kustomize.NewGenerator(files.root, object).WriteFile(folder); err != nil {
		return nil, fmt.Errorf("generator: %w", err)
	}
	resources, err := krusty.MakeKustomizer(options()).Run(files, folder)
	if err != nil {
		return nil, err
	}
	strict := kustomize.SubstituteWithStrict(true)
	for _, resource := range resources.Resources() {
		_, found, _ := unstructured.NestedMap(object.Object, "spec", "postBuild")
		if !found {
			break
		}
		if _, err := kustomize.SubstituteVariables(context.Background(), cluster{data: tree.Cluster}, object, resource, strict); err != nil {
			return nil, fmt.Errorf("substitution: %w", err)
		}
	}
	return resources, nil
}

func build(tree Tree) (verdict Verdict) {
	defer func() {
		if r := recover(); r != nil {
			verdict.Error = fmt.Sprintf("panic: %v", r)
		}
	}()
	verdict.Read, verdict.Objects = []string{}, []Object{}
	files := recorder{nil, "", map[string]bool{}}
	var resources resmap.ResMap
	var err error
	if tree.Kustomization == nil {
		files.FileSystem = filesys.MakeFsInMemory()
		resources, err = alone(tree, files)
	} else {
		root := temporary(tree.Files)
		defer os.RemoveAll(root)
		files.root = root
		if files.FileSystem, err = securefs.MakeFsOnDiskSecure(root); err == nil {
			resources, err = byFlux(tree, files)
		}
	}
	if err == nil {
		verdict.Objects, err = described(resources)
	}
	if err == nil {
		// What kustomize-controller applies: keys that are set twice, or are no texts, are refused here alone.
		_, err = resources.AsYaml()
	}
	if err != nil {
		verdict.Error = err.Error()
	}
	for path := range files.read {
		verdict.Read = append(verdict.Read, path)
	}
	slices.Sort(verdict.Read)
	return verdict
}

// Temporary writes the files into a folder of their own.
func temporary(files map[string]string) string {
	root, err := os.MkdirTemp("", "kustomize-oracle")
	if err != nil {
		panic(err)
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		panic(err)
	}
	for path, text := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			panic(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			panic(err)
		}
	}
	return root
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
