// Command htpasswd reads a password from standard input and prints the line of an htpasswd file by which the registry knows it, for the
// user that the argument names. The registry takes bcrypt only.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"golang.org/x/crypto/bcrypt"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: htpasswd USER < PASSWORD")
		os.Exit(2)
	}
	password, err := io.ReadAll(os.Stdin)
	if err == nil {
		var hash []byte
		if hash, err = bcrypt.GenerateFromPassword(bytes.TrimRight(password, "\n"), bcrypt.MinCost); err == nil {
			fmt.Printf("%s:%s\n", os.Args[1], hash)
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
