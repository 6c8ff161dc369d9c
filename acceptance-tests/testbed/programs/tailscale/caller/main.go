// Command caller asks a URL until it is answered, for half a minute, and prints the answer. It is what a pod runs that has no libraries:
// the resolver of a static busybox needs some.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

const (
	patience = 30 * time.Second
	pause    = 200 * time.Millisecond
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: caller URL")
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for end := time.Now().Add(patience); ; time.Sleep(pause) {
		answer, err := ask(client, os.Args[1])
		if err == nil {
			os.Stdout.WriteString(answer)
			return
		}
		if time.Now().After(end) {
			log.Fatal(err)
		}
	}
}

func ask(client *http.Client, url string) (string, error) {
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}
