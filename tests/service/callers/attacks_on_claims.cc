// What Entra did sign, but not for this service, not now, or not to call with.

#include "tests/service/callers/attacks.h"

namespace portalkey::attacks {
namespace {

using namespace made_tokens;
using boost::json::array;
using boost::json::object;
using boost::json::value;

const std::string kNoMoments = "unauthenticated: it does not say when it was issued, or from when to when it holds";
const std::string kOtherTenantSaid = "unauthenticated: it is of another tenant";
const std::string kIssuer1 = "unauthenticated: its issuer is not its tenant's (1.0)";
const std::string kIssuer2 = "unauthenticated: its issuer is not its tenant's (2.0)";
const std::string kVersion = "unauthenticated: its version is none that is known";
const std::string kOtherAudience = "unauthenticated: it is for another audience";
const std::string kNoApp = "unauthenticated: it does not say to which app it was given";
const std::string kNeither = "unauthenticated: it has no scopes, and is no app's: an id token is none to call with";
const std::string kOtherKey = "unauthenticated: the key that signed it is another tenant's";
const std::string kNoRight = "forbidden: it has no right here: an app needs a role, a user a role and a scope of the same name";

std::vector<Change> moments_that_are_none(const std::string& name) {
  return both(set(name, {nullptr, "1800000000", 1.8e9, 1e300, UINT64_MAX, true, value(array{kNow})}), unset(name));
}

Draft of_other_tenant() {
  Draft draft;
  draft.claims["tid"] = kOtherTenant;
  draft.claims["iss"] = "https://login.microsoftonline.com/" + kOtherTenant + "/v2.0";
  return draft;
}

/// As the same app registration gets one where it signs people in.
Draft id_token() {
  Draft draft;
  draft.claims["oid"] = kUser;
  draft.claims["sub"] = "pairwise-subject";
  draft.claims["preferred_username"] = "ada@contoso.com";
  draft.claims["name"] = "Ada";
  draft.claims.erase("azp");
  draft.claims.erase("azpacr");
  return draft;
}

Draft without(Draft draft, const std::string& claim) {
  draft.claims.erase(claim);
  return draft;
}
Draft in_version(Draft draft, const char* version) {
  draft.claims["ver"] = version;
  return draft;
}

const std::vector<Change> kAsItIs = {[](object&) {}};

}  // namespace

Group on_lifetime() {
  return {"Lifetime",
          {{"expired, by the minute of leeway and more", "unauthenticated: it is expired", Cjose::right,
            with_claims(set("exp", {kNow - 60, kNow - 86'400, 0, -1, INT64_MIN}))},
           {"expired by less", "accepted", Cjose::right, with_claims(set("exp", {kNow - 59, kNow}))},
           {"not yet valid", "unauthenticated: it does not hold yet", Cjose::right,
            with_claims(set("nbf", {kNow + 61, kNow + 86'400, INT64_MAX}))},
           {"issued in the future", "unauthenticated: it was issued in the future", Cjose::right,
            with_claims(set("iat", {kNow + 61, INT64_MAX}))},
           {"`exp` absent, null, a text, a fraction, huge, a list", kNoMoments, Cjose::right,
            with_claims(moments_that_are_none("exp"))},
           {"`nbf` likewise", kNoMoments, Cjose::right, with_claims(moments_that_are_none("nbf"))},
           {"`iat` likewise", kNoMoments, Cjose::right, with_claims(moments_that_are_none("iat"))}}};
}

Group on_issuer() {
  const std::string v1 = "https://sts.windows.net/", v2 = "https://login.microsoftonline.com/";
  return {
      "Tenant and issuer",
      {{"another tenant, of version 2.0 and 1.0", kOtherTenantSaid, Cjose::right,
        [](Entra&) {
          auto first = version_1(of_other_tenant());
          first.claims["iss"] = "https://sts.windows.net/" + kOtherTenant + "/";
          return std::vector<std::string>{of_other_tenant().token(), first.token()};
        }},
       {"`tid` another tenant's, `iss` ours; ours with more, empty, `common`", kOtherTenantSaid, Cjose::right,
        with_claims(set("tid", {kOtherTenant, kTenant + "/../" + kOtherTenant, kTenant + " ", "", "common", "{tenantid}"}))},
       {"`tid` absent, null, a list", kOtherKey, Cjose::right,
        with_claims(both(set("tid", {nullptr, value(array{kTenant}), 1}), unset("tid")))},
       {"`iss` another tenant's, `tid` ours", kIssuer2, Cjose::right,
        with_claims(set("iss", {v2 + kOtherTenant + "/v2.0", v2 + "common/v2.0", v2 + "organizations/v2.0"}))},
       {"the same in version 1.0", kIssuer1, Cjose::right,
        with_claims(set("iss", {v1 + kOtherTenant + "/", v1 + "common/"}), version_1({}))},
       {"another cloud's issuer (US government, China, Germany)", kIssuer2, Cjose::right,
        with_claims(set("iss", {"https://login.microsoftonline.us/" + kTenant + "/v2.0",
                                "https://login.partner.microsoftonline.cn/" + kTenant + "/v2.0",
                                "https://login.microsoftonline.de/" + kTenant + "/v2.0"}))},
       {"China's in version 1.0", kIssuer1, Cjose::right,
        with_claims(set("iss", {"https://sts.chinacloudapi.cn/" + kTenant + "/"}), version_1({}))},
       {"issuers that begin, end or look like it: other host, user, port, case, slash, `http`", kIssuer2, Cjose::right,
        with_claims(set(
            "iss", {v2 + kTenant + "/v2.0/", v2 + kTenant + "/", v2 + kTenant, "x" + v2 + kTenant + "/v2.0",
                    "http://login.microsoftonline.com/" + kTenant + "/v2.0",
                    "https://login.microsoftonline.com.attacker.example/" + kTenant + "/v2.0",
                    "https://login.microsoftonline.com@attacker.example/" + kTenant + "/v2.0",
                    "https://login.microsoftonline.com:443/" + kTenant + "/v2.0",
                    "https://LOGIN.microsoftonline.com/" + kTenant + "/v2.0",
                    "https://attacker.b2clogin.com/" + kTenant + "/v2.0", "", nullptr, value(array{v2 + kTenant + "/v2.0"})}))},
       {"version 2.0 with the issuer of 1.0", kIssuer2, Cjose::right, with_claims(set("iss", {v1 + kTenant + "/"}))},
       {"version 1.0 with the issuer of 2.0", kIssuer1, Cjose::right,
        with_claims(set("iss", {v2 + kTenant + "/v2.0"}), version_1({}))},
       {"`ver` exchanged, all else as it was: 2.0 to 1.0", kIssuer1, Cjose::right, with_claims(kAsItIs, in_version({}, "1.0"))},
       {"1.0 to 2.0", kIssuer2, Cjose::right, with_claims(kAsItIs, in_version(version_1({}), "2.0"))},
       {"the issuer of 1.0 with the fields of 2.0", kNoApp, Cjose::right,
        with_claims({[](object& claims) {
                      claims["azp"] = claims["appid"];
                      claims.erase("appid");
                    }},
                    version_1({}))},
       {"the issuer of 2.0 with the fields of 1.0", kNoApp, Cjose::right, with_claims({[](object& claims) {
          claims["appid"] = claims["azp"];
          claims.erase("azp");
        }})},
       {"`ver` absent, a number, 3.0, 2", kVersion, Cjose::right,
        with_claims(both(set("ver", {2, 2.0, "3.0", "2", "", nullptr}), unset("ver")))}}};
}

Group on_audience() {
  return {"Audience",
          {{"another app's", kOtherAudience, Cjose::right, with_claims(set("aud", {kClient, "api://another", kUser}))},
           {"Graph's, Resource Manager's, Key Vault's, the portal's", kOtherAudience, Cjose::right,
            with_claims(set("aud", {"00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com",
                                    "https://graph.microsoft.com/", "https://management.azure.com/", "https://vault.azure.net",
                                    "74658136-14ec-4630-ad9b-26e160ff0fc6", "00000002-0000-0000-c000-000000000000"}))},
           {"a list with ours, ours and more, in upper case, with a slash or a blank", kOtherAudience, Cjose::right,
            with_claims(set("aud", {value(array{kAudience}), value(array{kAudience, "another"}), kAudience + ",another",
                                    "AAAAAAAA-0000-4000-8000-000000000001", "API://portalkey", kAudienceUri + "/",
                                    kAudienceUri + "/.default", " " + kAudience}))},
           {"absent, empty, null", kOtherAudience, Cjose::right, with_claims(both(set("aud", {"", nullptr}), unset("aud")))}}};
}

Group on_kind() {
  return {"Kind of token",
          {{"an id token for the same app registration", kNoApp, Cjose::right, with_claims(kAsItIs, id_token())},
           {"an id token that names an app", kNeither, Cjose::right, with_claims(set("azp", {kClient}), id_token())},
           {"`nonce` among the claims", "unauthenticated: it has a nonce: it is an id token", Cjose::right,
            with_claims(set("nonce", {"x", "", nullptr}))},
           {"a user's without scopes", kNeither, Cjose::right, with_claims({unset("scp")}, users())},
           {"`idtyp` `user` without scopes", kNeither, Cjose::right, with_claims(set("idtyp", {"user"}))},
           {"`idtyp` `app` with a user's scopes", "unauthenticated: it is an app's, but has a user's scopes", Cjose::right,
            with_claims(set("idtyp", {"app"}), users())},
           {"`idtyp` anything else", "unauthenticated: it is neither a user's nor an app's", Cjose::right,
            with_claims(set("idtyp", {"device", "App", "", nullptr, 1, value(array{"app"})}))},
           {"bound to a key of its holder (`cnf`), shown without a proof",
            "unauthenticated: it is bound to a key of its holder, which is not shown", Cjose::right,
            with_claims(
                set("cnf", {value(object{{"kid", "x"}}), value(object{{"x5t#S256", "x"}}), value(object{{"jkt", "x"}}), ""}))},
           {"`scp` empty, a list, null", "unauthenticated: its scopes are no text", Cjose::right,
            with_claims(set("scp", {"", value(array{"Tokens.Read"}), nullptr, 1}), users())},
           {"a user's that does not say whose", "unauthenticated: it does not say which user's it is", Cjose::right,
            with_claims(both(set("oid", {"", "Ada", nullptr, kUser + "'--"}), unset("oid")), users())},
           {"the app absent, no GUID", kNoApp, Cjose::right,
            with_claims(both(set("azp", {"", "flow", nullptr, value(array{kClient})}), unset("azp")))},
           {"an app's without an object id", kNeither, Cjose::right, with_claims(kAsItIs, without({}, "oid"))}}};
}

Group on_rights() {
  return {
      "Rights",
      {{"an app without roles, with others, in lower case, with a star", kNoRight, Cjose::right,
        with_claims(both(set("roles", {value(array{}), value(array{"User.Read.All"}), value(array{"tokens.read"}),
                                       value(array{"Tokens.Read Tokens.Write"}), value(array{"*"}), value(array{"Tokens.*"}),
                                       value(array{" Tokens.Read"})}),
                         unset("roles")))},
       {"a user with a scope, without a role", kNoRight, Cjose::right, with_claims({unset("roles")}, users())},
       {"a user with a role, without a scope", kNoRight, Cjose::right,
        with_claims(set("scp", {"openid profile", " ", "access_as_user", "tokens.read", "Tokens.Read,Tokens.Write"}), users())},
       {"a user whose scope is another than the role", kNoRight, Cjose::right,
        with_claims(set("scp", {"Audit.Read", "Portal.Invoke"}), users())},
       {"directory roles and groups (`wids`, `groups`) instead", kNoRight, Cjose::right,
        with_claims({[](object& claims) {
                      claims.erase("roles");
                      claims["wids"] = array{"62e90394-69f5-4237-9190-012177145e10"};
                      claims["groups"] = array{"Tokens.Read"};
                    }},
                    users())},
       {"`roles` a text, an object, with a number", "unauthenticated: its roles are no list", Cjose::right,
        with_claims(set("roles", {"Tokens.Read", value(object{{"Tokens.Read", true}}), 1, nullptr}))},
       {"a role that is no text", "unauthenticated: one of its roles is no text", Cjose::right,
        with_claims(set("roles", {value(array{"Tokens.Read", 1}), value(array{value(array{"Tokens.Read"})})}))}}};
}

}  // namespace portalkey::attacks
