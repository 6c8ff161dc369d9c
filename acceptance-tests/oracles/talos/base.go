package main

import (
	"bytes"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"go.yaml.in/yaml/v4"
)

// Keys whose values are made anew for each cluster. What stands instead is valid where Talos looks at it.
var secrets = map[string]string{
	"token": "abcdef.0123456789abcdef", "crt": "LQ==", "key": "LQ==", "id": "LQ==", "secret": "LQ==",
	"secretboxEncryptionSecret": "LQ==",
}

func withoutSecrets(node *yaml.Node) {
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			value := node.Content[i+1]
			if stand, ok := secrets[child.Value]; ok && value.Kind == yaml.ScalarNode && value.Value != "" {
				value.SetString(stand)
			}
		}
		withoutSecrets(child)
	}
}

// Base is a control plane's configuration: "many" documents as Talos 1.13 makes it, or "one", as for 1.11, which is what
// JSON patches can be applied to.
func base(which string) string {
	contract := config.TalosVersion1_13
	if which == "one" {
		contract = config.TalosVersion1_11
	}
	input, err := generate.NewInput("base", "https://127.0.0.1:6443", constants.DefaultKubernetesVersion,
		generate.WithVersionContract(contract), generate.WithInstallDisk("/dev/sda"))
	if err != nil {
		panic(err)
	}
	provider, err := input.Config(machine.TypeControlPlane)
	if err != nil {
		panic(err)
	}
	text, err := provider.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))
	if err != nil {
		panic(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var documents []string
	for {
		var node yaml.Node
		if decoder.Decode(&node) != nil {
			return strings.Join(documents, "---\n")
		}
		withoutSecrets(&node)
		var out bytes.Buffer
		writer := yaml.NewEncoder(&out)
		writer.SetIndent(2)
		if err := writer.Encode(&node); err != nil {
			panic(err)
		}
		documents = append(documents, out.String())
	}
}
