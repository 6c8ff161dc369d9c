// Says of many patches, in one process, what Talos' own machinery says of them; writes the tables that the provider's
// checker is built on.
//
//	talos-oracle schema             the types of the configuration, as crates/talos/src/schema.json holds them
//	talos-oracle base many|one      a control plane's configuration without secrets, as crates/talos/src/base_*.yaml hold it
//	talos-oracle judge MANY ONE     verdicts over patches: strategic ones on MANY, JSON ones on ONE
//
// Input of judge: frames of a decimal length, a newline, and that many bytes. Output: one JSON verdict a line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	jsonpatch "github.com/evanphx/json-patch"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
)

// Verdict is the answer for one patch.
type Verdict struct {
	// Where it was refused: load, apply, validate; empty where it was not.
	Stage string `json:"stage"`
	Form  string `json:"form"`
	Text  string `json:"text"`
}

// Metal is the mode in which a machine that is installed to its disk validates.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

func judge(patch, many, one []byte) (verdict Verdict) {
	verdict.Stage = "load"
	defer func() {
		if r := recover(); r != nil {
			verdict.Text = fmt.Sprintf("panic: %v", r)
		}
	}()
	loaded, err := configpatcher.LoadPatch(patch)
	if err != nil {
		verdict.Text = err.Error()
		return verdict
	}
	base := many
	verdict.Form = "strategic"
	if _, ok := loaded.(jsonpatch.Patch); ok {
		base, verdict.Form = one, "json"
	}
	verdict.Stage = "apply"
	config, err := configloader.NewFromBytes(base)
	if err != nil {
		panic(err)
	}
	var input configpatcher.Input = configpatcher.WithConfig(config)
	if verdict.Form == "json" {
		// As written: writing a loaded configuration leaves out what is empty.
		input = configpatcher.WithBytes(base)
	}
	patched, err := configpatcher.Apply(input, []configpatcher.Patch{loaded})
	if err == nil {
		config, err = patched.Config()
	}
	if err != nil {
		verdict.Text = err.Error()
		return verdict
	}
	verdict.Stage = "validate"
	if _, err = config.Validate(metal{}); err != nil {
		verdict.Text = err.Error()
		return verdict
	}
	verdict.Stage = ""
	return verdict
}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "schema":
		writeSchema(os.Stdout)
		return
	case len(os.Args) == 3 && os.Args[1] == "base":
		fmt.Print(base(os.Args[2]))
		return
	case len(os.Args) != 4 || os.Args[1] != "judge":
		fmt.Fprintln(os.Stderr, "schema, base many|one, or judge MANY ONE")
		os.Exit(2)
	}
	many, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	one, err := os.ReadFile(os.Args[3])
	if err != nil {
		panic(err)
	}
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
		patch := make([]byte, length)
		if _, err := io.ReadFull(in, patch); err != nil {
			panic(err)
		}
		verdict, err := json.Marshal(judge(patch, many, one))
		if err != nil {
			panic(err)
		}
		out.Write(append(verdict, '\n'))
	}
}
