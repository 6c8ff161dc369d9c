// Command control is a tailnet on one machine, for tests: a coordination server that the real tailscaled, tsnet and containerboot
// log in to, the part of Tailscale's HTTP API that the Kubernetes operator and the provider call, and a relay. Its state is in
// memory and ends with its standard input. What only a test may do (credentials, looking behind the API) is on 127.0.0.1.
package main

import (
	"encoding/json"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	address := flag.String("address", "127.0.0.1", "the IPv4 address where nodes reach this process; private, since it speaks plain HTTP")
	domain := flag.String("domain", "tail1234.ts.net", "the tailnet's domain")
	flag.Parse()
	relay, err := startRelay(*address)
	if err != nil {
		log.Fatal(err)
	}
	tailnet := newTailnet(*domain, relay)
	public, err := serve(*address, tailnet.handler())
	if err != nil {
		log.Fatal(err)
	}
	commands, err := serve("127.0.0.1", tailnet.commands())
	if err != nil {
		log.Fatal(err)
	}
	// Whoever started it waits for this line.
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"url": public, "commands": commands}); err != nil {
		log.Fatal(err)
	}
	// It ends with whoever started it, however that ends.
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		log.Fatal(err)
	}
}

// serve answers at a free port of the address, and gives the URL.
func serve(address string, handler http.Handler) (string, error) {
	listener, err := net.Listen("tcp4", net.JoinHostPort(address, "0"))
	if err != nil {
		return "", err
	}
	go func() { log.Fatal(http.Serve(listener, logged(handler))) }()
	return "http://" + listener.Addr().String(), nil
}

func logged(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		log.Printf("%s %s %s", r.RemoteAddr, r.Method, r.URL.Path)
		handler.ServeHTTP(w, r)
	})
}
