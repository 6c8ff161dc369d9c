package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log"
	"math/big"
	"net"
	"net/http"
	"time"

	"tailscale.com/derp/derpserver"
	"tailscale.com/net/stun"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
	"tailscale.com/types/logger"
)

// startRelay serves DERP over TLS with a certificate that nobody checks, and STUN, each at a free port of the address. No node comes
// up without a relay.
func startRelay(address string) (*tailcfg.DERPMap, error) {
	certificate, err := selfSigned(address)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp4", net.JoinHostPort(address, "0"))
	if err != nil {
		return nil, err
	}
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(address)})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/derp", derpserver.Handler(derpserver.New(key.NewNode(), logger.Discard)))
	mux.HandleFunc("/derp/probe", derpserver.ProbeHandler)
	mux.HandleFunc("/derp/latency-check", derpserver.ProbeHandler)
	mux.HandleFunc("/generate_204", derpserver.ServeNoContent)
	server := &http.Server{
		Handler: mux, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, // the relay takes the connection over: no HTTP/2
	}
	go func() { log.Fatal(server.ServeTLS(listener, "", "")) }()
	go answerSTUN(udp)
	return &tailcfg.DERPMap{Regions: map[int]*tailcfg.DERPRegion{1: {
		RegionID: 1, RegionCode: "local", RegionName: "local",
		Nodes: []*tailcfg.DERPNode{{
			Name: "1a", RegionID: 1, HostName: address, IPv4: address, IPv6: "none", InsecureForTests: true, STUNTestIP: address,
			DERPPort: listener.Addr().(*net.TCPAddr).Port, STUNPort: udp.LocalAddr().(*net.UDPAddr).Port,
		}},
	}}}, nil
}

func selfSigned(address string) (tls.Certificate, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IPAddresses: []net.IP{net.ParseIP(address)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, err
}

func answerSTUN(udp *net.UDPConn) {
	buffer := make([]byte, 64<<10)
	for {
		n, from, err := udp.ReadFromUDPAddrPort(buffer)
		if err != nil {
			log.Fatal(err)
		}
		if id, err := stun.ParseBindingRequest(buffer[:n]); err == nil {
			if _, err := udp.WriteToUDPAddrPort(stun.Response(id, from), from); err != nil {
				log.Printf("STUN: %v", err)
			}
		}
	}
}
