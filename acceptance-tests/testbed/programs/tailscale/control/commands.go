package main

import (
	"encoding/json"
	"net/http"
)

// commands is what only a test may do: it says whose credentials are valid, and looks behind the API.
func (t *tailnet) commands() http.Handler {
	mux := http.NewServeMux()
	// From now on these credentials are valid and no others: a token of a client that is not among them ends.
	mux.HandleFunc("PUT /access", func(w http.ResponseWriter, r *http.Request) {
		var wanted struct {
			Keys    []string `json:"keys"`
			Clients []client `json:"clients"`
		}
		if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.access.replace(wanted.Keys, wanted.Clients)
		answer(w, struct{}{})
	})
	// Every secret that was given out: what a test must not find anywhere.
	mux.HandleFunc("GET /secrets", func(w http.ResponseWriter, _ *http.Request) {
		t.mu.Lock()
		defer t.mu.Unlock()
		given := []string{}
		for text := range t.access.tokens {
			given = append(given, text)
		}
		for _, k := range t.keys {
			given = append(given, k.secret)
		}
		answer(w, given)
	})
	return mux
}
