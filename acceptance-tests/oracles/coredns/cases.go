package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/coredns/coredns/core/dnsserver"
)

// printCases finds the texts in the tests of CoreDNS' plugins that begin with the name of a plugin: what these tests set
// up, the good and the bad. Each stands in a server block of its own.
func printCases() error {
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/coredns/coredns").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	seen := map[string]bool{}
	encoder := json.NewEncoder(os.Stdout)
	walk := func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			// A verb of fmt stands for what only the test knows.
			words := strings.Fields(text)
			if err != nil || len(words) == 0 || seen[text] || strings.Contains(text, "%s") || strings.Contains(text, "%q") ||
				!slices.Contains(dnsserver.Directives, words[0]) {
				return true
			}
			seen[text] = true
			if err := encoder.Encode("a.org {\n" + text + "\n}\n"); err != nil {
				panic(err)
			}
			return true
		})
		return nil
	}
	return filepath.WalkDir(filepath.Join(string(bytes.TrimSpace(folder)), "plugin"), walk)
}
