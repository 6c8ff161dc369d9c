package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const tokenLife = time.Hour

// client is an OAuth client: what it may do, and the tags that it owns.
type client struct {
	ID     string   `json:"id"`
	Secret string   `json:"secret"`
	Scopes []string `json:"scopes"`
	Tags   []string `json:"tags"`
}

// grant is what a caller may do.
type grant struct {
	scopes []string
	tags   []string
	any    bool // an API key: every scope, every tag
}

// token is one that a client got; it ends with its client, too.
type token struct {
	grant
	client  client
	expires time.Time
}

// access is every credential of the API.
type access struct {
	keys    []string
	clients []client
	tokens  map[string]token
}

// replace accepts these credentials and no others.
func (a *access) replace(keys []string, clients []client) {
	a.keys, a.clients = keys, clients
	maps.DeleteFunc(a.tokens, func(_ string, given token) bool {
		return !slices.ContainsFunc(clients, func(c client) bool { return c.ID == given.client.ID && c.Secret == given.client.Secret })
	})
}

// covers: a scope covers its own `:read`, and `all` covers everything.
func (g grant) covers(scope string) bool {
	if g.any {
		return true
	}
	return slices.ContainsFunc(g.scopes, func(has string) bool { return has == "all" || has == scope || has+":read" == scope })
}

// owns: a client's keys have at least one tag, and none but its own.
func (g grant) owns(tags []string) bool {
	if g.any {
		return true
	}
	return len(tags) > 0 && !slices.ContainsFunc(tags, func(tag string) bool { return !slices.Contains(g.tags, tag) })
}

// grantLocked gives what the caller may do, if it is anybody.
func (a *access) grantLocked(r *http.Request) (grant, bool) {
	if user, password, ok := r.BasicAuth(); ok {
		return grant{any: true}, password == "" && slices.Contains(a.keys, user)
	}
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return grant{}, false
	}
	if slices.Contains(a.keys, bearer) {
		return grant{any: true}, true
	}
	given, ok := a.tokens[bearer]
	return given.grant, ok && time.Now().Before(given.expires)
}

// serveToken is the client-credentials grant.
func (t *tailnet) serveToken(w http.ResponseWriter, r *http.Request) {
	id, shown, ok := r.BasicAuth()
	if !ok {
		id, shown = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if r.PostFormValue("grant_type") != "client_credentials" {
		refuse(w, http.StatusBadRequest, "unsupported grant_type")
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.access.clients, func(c client) bool { return c.ID == id && c.Secret == shown })
	if i < 0 {
		refuse(w, http.StatusUnauthorized, "API token invalid")
		return
	}
	found := grant{scopes: t.access.clients[i].Scopes, tags: t.access.clients[i].Tags}
	if wanted := strings.Fields(r.PostFormValue("scope")); len(wanted) > 0 {
		for _, scope := range wanted {
			if !found.covers(scope) {
				refuse(w, http.StatusForbidden, "requested scope \""+scope+"\" is not granted to the client")
				return
			}
		}
		found.scopes = wanted
	}
	text := secret("tskey-token-")
	if t.access.tokens == nil {
		t.access.tokens = map[string]token{}
	}
	t.access.tokens[text] = token{grant: found, client: t.access.clients[i], expires: time.Now().Add(tokenLife)}
	answer(w, map[string]any{
		"access_token": text, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()), "scope": strings.Join(found.scopes, " "),
	})
}
