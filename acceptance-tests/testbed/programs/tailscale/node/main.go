// Command node is a machine of a tailnet, for tests: tsnet, so all of it is in this process and nothing of the host's network changes.
// It answers HTTP on its own tailnet address, and is a proxy on 127.0.0.1 through which other programs reach the tailnet, names
// included. It ends with its standard input and without a farewell, as a machine that is switched off.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"tailscale.com/envknob"
	"tailscale.com/tsnet"
)

// How long a connection to a machine that may be gone takes at most.
const patience = 10 * time.Second

func main() {
	control := flag.String("control", "", "URL of the control server")
	hostname := flag.String("hostname", "node", "the name that it asks for")
	dir := flag.String("dir", "", "where its state is")
	ephemeral := flag.Bool("ephemeral", false, "whether it goes by itself")
	port := flag.Int("port", 8080, "the port of the tailnet where it answers HTTP")
	text := flag.String("answer", "", "what it answers")
	flag.Parse()
	envknob.SetNoLogsNoSupport()
	// The key is in the environment: arguments are for everybody to read.
	node := &tsnet.Server{ControlURL: *control, Hostname: *hostname, Dir: *dir, Ephemeral: *ephemeral, AuthKey: os.Getenv("TS_AUTHKEY"), Logf: log.Printf}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	status, err := node.Up(ctx)
	if err != nil {
		log.Fatal(err)
	}
	onTailnet, err := node.Listen("tcp", fmt.Sprintf(":%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		log.Fatal(http.Serve(onTailnet, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, *text) })))
	}()
	local, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(local, proxy{node})) }()
	joined := map[string]any{
		"name": status.Self.DNSName, "id": status.Self.ID, "addresses": status.TailscaleIPs, "proxy": "http://" + local.Addr().String(),
	}
	if err := json.NewEncoder(os.Stdout).Encode(joined); err != nil {
		log.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		log.Fatal(err)
	}
}

// proxy connects to the tailnet whoever asks by CONNECT.
type proxy struct{ node *tsnet.Server }

func (p proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "this proxy only knows CONNECT", http.StatusMethodNotAllowed)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	there, err := p.node.Dial(ctx, "tcp", r.Host)
	if err != nil {
		log.Printf("CONNECT %s: %v", r.Host, err)
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		log.Printf("CONNECT %s: %v", r.Host, err)
		return
	}
	defer here.Close()
	if _, err := io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	ended := make(chan struct{}, 2)
	go func() { io.Copy(there, buffered); ended <- struct{}{} }()
	go func() { io.Copy(here, there); ended <- struct{}{} }()
	<-ended
}
