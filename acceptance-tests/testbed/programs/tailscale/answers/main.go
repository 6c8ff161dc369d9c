// Command answers asks an API of a tailnet with the client that Tailscale publishes for Go, and prints what it answered as one JSON
// object, question by question. Two servers that print the same are alike in everything that is asked here.
//
// It expects a tailnet with nothing but these devices: `alpha` with tag:a and tag:b, `beta` with tag:b and ephemeral, both connected,
// and another `alpha` with tag:a that is not connected. It deletes that one.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"tailscale.com/client/tailscale/v2"
)

const patience = 30 * time.Second

// server is whom it asks.
type server struct {
	base    *url.URL
	key     string
	answers map[string]string
	context context.Context
}

func main() {
	base := flag.String("url", "", "the base URL of the API")
	flag.Parse()
	parsed, err := url.Parse(*base)
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := &server{base: parsed, key: os.Getenv("API_KEY"), answers: map[string]string{}, context: ctx}
	s.credentials()
	s.devices()
	s.keys()
	s.services()
	s.scopes()
	if err := json.NewEncoder(os.Stdout).Encode(s.answers); err != nil {
		log.Fatal(err)
	}
}

func (s *server) by(auth tailscale.Auth, key string) *tailscale.Client {
	return &tailscale.Client{BaseURL: s.base, Auth: auth, APIKey: key}
}

// owner may do everything.
func (s *server) owner() *tailscale.Client { return s.by(nil, s.key) }

// client is an OAuth client that the environment names.
func (s *server) client(name string) *tailscale.OAuth {
	return &tailscale.OAuth{ClientID: os.Getenv(name + "_ID"), ClientSecret: os.Getenv(name + "_SECRET")}
}

// told is what the client makes of an answer: the error, or the value.
func told(value any, err error) string {
	var refused *oauth2.RetrieveError
	var said tailscale.APIError
	switch {
	case errors.As(err, &said):
		return fmt.Sprintf("%d: %s", said.Status, said.Message)
	case errors.As(err, &refused):
		return fmt.Sprintf("%d: no token", refused.Response.StatusCode)
	case err != nil:
		return fmt.Sprintf("error: %T", err)
	}
	return fmt.Sprint(value)
}

func (s *server) note(question string, value any, err error) { s.answers[question] = told(value, err) }

func (s *server) credentials() {
	list := func(c *tailscale.Client) (int, error) {
		all, err := c.Devices().List(s.context)
		return len(all), err
	}
	note := func(question string, c *tailscale.Client) {
		count, err := list(c)
		s.note(question, count, err)
	}
	note("devices, without a credential", s.by(nil, ""))
	note("devices, by a wrong API key", s.by(nil, "tskey-api-wrong"))
	note("devices, by an API key", s.owner())
	note("devices, by an OAuth client", s.by(s.client("CLIENT"), ""))
	note("devices, by an OAuth client with a wrong secret", s.by(&tailscale.OAuth{ClientID: os.Getenv("CLIENT_ID"), ClientSecret: "wrong"}, ""))
	other := s.owner()
	other.Tailnet = "other.example"
	note("devices, of another tailnet", other)
}

func label(d tailscale.Device) string {
	first, _, _ := strings.Cut(d.Name, ".")
	return first
}

func labels(all []tailscale.Device, err error) (string, error) {
	names := []string{}
	for _, d := range all {
		names = append(names, label(d))
	}
	slices.Sort(names)
	return strings.Join(names, " "), err
}

func (s *server) devices() {
	c := s.owner().Devices()
	filtered := func(question, field string, values ...string) {
		names, err := labels(c.List(s.context, tailscale.WithFilter(field, values)))
		s.note("devices, filter "+question, names, err)
	}
	names, err := labels(c.List(s.context))
	s.note("devices, names", names, err)
	filtered("tags=tag:a", "tags", "tag:a")
	filtered("tags=tag:a&tags=tag:b", "tags", "tag:a", "tag:b")
	filtered("hostname=alpha", "hostname", "alpha")
	filtered("isEphemeral=true", "isEphemeral", "true")
	all, err := c.List(s.context, tailscale.WithFields(tailscale.IncludeFieldsAll))
	if err != nil {
		s.note("devices, fields=all", nil, err)
		return
	}
	for _, d := range all {
		about := "device " + label(d)
		filtered("name of "+label(d), "name", d.Name)
		s.note(about+", hostname, tags, ephemeral, external, authorized", fmt.Sprint(d.Hostname, d.Tags, d.IsEphemeral, d.IsExternal, d.Authorized), nil)
		s.note(about+", connected, has lastSeen", fmt.Sprint(d.ConnectedToControl, d.LastSeen != nil), nil)
		s.note(about+", created is known, expires never", fmt.Sprint(!d.Created.IsZero(), d.Expires.IsZero() && d.KeyExpiryDisabled), nil)
		s.note(about+", addresses", len(d.Addresses), nil)
		s.note(about+", routes with fields=all", d.EnabledRoutes != nil && d.Distro != nil, nil)
		byNode, err := c.Get(s.context, d.NodeID)
		s.note(about+", by its node id", err == nil && byNode.Name == d.Name && byNode.EnabledRoutes == nil, err)
		byID, err := c.Get(s.context, d.ID)
		s.note(about+", by its older id", err == nil && byID.Name == d.Name, err)
	}
	_, err = c.Get(s.context, "n404CNTRL")
	s.note("device, missing", nil, err)
	s.note("device, missing, deleted", "deleted", c.Delete(s.context, "n404CNTRL"))
	i := slices.IndexFunc(all, func(d tailscale.Device) bool { return !d.ConnectedToControl })
	if i < 0 {
		s.note("device, deleted", "no device is away", nil)
		return
	}
	s.note("device, deleted", "deleted", c.Delete(s.context, all[i].NodeID))
	s.note("device, deleted again", "deleted", c.Delete(s.context, all[i].NodeID))
	names, err = labels(c.List(s.context))
	s.note("devices, names after that", names, err)
}

func wanted(life time.Duration, tags ...string) tailscale.CreateKeyRequest {
	var request tailscale.CreateKeyRequest
	create := &request.Capabilities.Devices.Create
	create.Preauthorized, create.Ephemeral, create.Tags = true, true, tags
	request.ExpirySeconds, request.Description = int64(life.Seconds()), "a test"
	return request
}

func (s *server) keys() {
	c := s.by(s.client("CLIENT"), "").Keys()
	made, err := c.CreateAuthKey(s.context, wanted(time.Hour, "tag:a"))
	s.note("key, with a tag of the client's", "made", err)
	_, err = c.CreateAuthKey(s.context, wanted(time.Hour))
	s.note("key, without a tag", "made", err)
	_, err = c.CreateAuthKey(s.context, wanted(time.Hour, "tag:a", "tag:other"))
	s.note("key, with another's tag", "made", err)
	if made == nil {
		return
	}
	s.note("key, its beginning", strings.HasPrefix(made.Key, "tskey-auth-"), nil)
	s.note("key, its life", made.Expires.Sub(made.Created).Round(time.Minute), nil)
	s.note("key, what it allows", fmt.Sprintf("%+v", made.Capabilities.Devices.Create), nil)
	_, err = s.owner().Keys().CreateAuthKey(s.context, wanted(0, "tag:other"))
	s.note("key, with any tag, by an API key", "made", err)
	listed, err := c.List(s.context, true)
	s.note("keys, that one among them", slices.ContainsFunc(listed, func(k tailscale.Key) bool { return k.ID == made.ID }), err)
	found, err := c.Get(s.context, made.ID)
	s.note("key, read again, with its secret", err == nil && found.Key != "", err)
	s.note("key, deleted", "deleted", c.Delete(s.context, made.ID))
	s.note("key, deleted again", "deleted", c.Delete(s.context, made.ID))
}

func (s *server) services() {
	c := s.owner().Services()
	name := "svc:db"
	_, err := c.Get(s.context, name)
	s.note("service, missing", nil, err)
	s.note("service, missing, deleted", "deleted", c.Delete(s.context, name))
	wanted := tailscale.Service{Name: name, Ports: []string{"tcp:443"}, Tags: []string{"tag:a"}, Annotations: map[string]string{"a": "b"}}
	s.note("service, created", "created", c.CreateOrUpdate(s.context, wanted))
	found, err := c.Get(s.context, name)
	if err == nil {
		wanted.Addrs = found.Addrs
		s.note("service, as created, with addresses", fmt.Sprint(fmt.Sprint(*found) == fmt.Sprint(wanted), len(found.Addrs)), nil)
	}
	listed, err := c.List(s.context)
	s.note("services", len(listed), err)
	s.note("services, under the documented path", s.raw("GET", "tailnet/-/services"), nil)
	s.note("service, deleted", "deleted", c.Delete(s.context, name))
}

// scopes: a client that may only read devices, and what nobody serves.
func (s *server) scopes() {
	reader := s.by(s.client("READER"), "")
	_, err := reader.Devices().List(s.context)
	s.note("devices, by a client that may read them", "listed", err)
	s.note("device, deleted by that client", "deleted", reader.Devices().Delete(s.context, "n404CNTRL"))
	_, err = reader.Keys().CreateAuthKey(s.context, wanted(time.Hour, "tag:a"))
	s.note("key, by that client", "made", err)
	s.note("a path that nobody serves", s.raw("GET", "tailnet/-/unheard-of"), nil)
}

// raw asks without the client, and gives the status.
func (s *server) raw(method, path string) string {
	request, err := http.NewRequestWithContext(s.context, method, s.base.JoinPath("api", "v2", path).String(), nil)
	if err != nil {
		return err.Error()
	}
	request.SetBasicAuth(s.key, "")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Sprintf("error: %T", err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return fmt.Sprintf("error: %T", err)
	}
	return fmt.Sprint(response.StatusCode)
}
