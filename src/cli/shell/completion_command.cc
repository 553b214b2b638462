#include "cli/shell/completion_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "app/process_environment.h"
#include "app/profile/profile_list.h"
#include "app/tenant/tenant.h"
#include "app/unattended.h"
#include "base/counted.h"
#include "base/files.h"
#include "cli/terminal/completion.h"

namespace portalkey {
namespace {

constexpr std::string_view kBash = R"(# bash completion for portalkey: portalkey completion bash
_portalkey() {
  local -a lines
  mapfile -t lines < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=()
  local line word=${COMP_WORDS[COMP_CWORD]}
  for line in "${lines[@]:1}"; do COMPREPLY+=("${line%%$'\t'*}"); done
  case ${lines[0]-} in
    files) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word") ;;
    folders) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$word") ;;
  esac
}
complete -F _portalkey portalkey
)";

constexpr std::string_view kZsh = R"(#compdef portalkey
# zsh completion for portalkey: portalkey completion zsh
_portalkey() {
  local -a lines described
  local line how
  lines=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  how=${lines[1]}
  for line in "${(@)lines[2,-1]}"; do
    described+=("${${line%%$'\t'*}//:/\\:}${${(M)line%%$'\t'*}:+}${${line#*$'\t'}:+:${line#*$'\t'}}")
  done
  (( ${#described} )) && _describe -V portalkey described
  case $how in
    files) _files ;;
    folders) _files -/ ;;
  esac
}
if [[ ${funcstack[1]-} == _portalkey ]]; then _portalkey "$@"; else compdef _portalkey portalkey; fi
)";

constexpr std::string_view kFish = R"(# fish completion for portalkey: portalkey completion fish
function __portalkey_complete
    set -l words (commandline -opc)
    set -l lines ($words[1] __complete $words[2..-1] (commandline -ct) 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path (commandline -ct)
        case folders
            __fish_complete_directories (commandline -ct)
    end
    printf '%s\n' $lines[2..-1]
end
complete -c portalkey -f -a '(__portalkey_complete)'
)";

/// The options of a line that is not finished yet.
ProfileChoice choice_in(const std::vector<std::string>& words) {
  ProfileChoice choice;
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (words[i] == "--profile") choice.name = words[i + 1];
    if (words[i] == "--config") choice.config = words[i + 1];
    if (words[i] == "--sandbox") choice.sandbox = words[i + 1];
  }
  if (const char* sandbox = std::getenv("PORTALKEY_SANDBOX"); sandbox != nullptr && choice.sandbox.empty())
    choice.sandbox = sandbox;
  return choice;
}

std::vector<Candidate> jobs_of(const ProfileChoice& choice) {
  constexpr std::size_t kMost = 100;
  auto profile = load_profile(choice, process_environment());
  if (!profile) return {};
  Unattended nobody;
  Tenant tenant(std::move(*profile), {nobody, process_environment(), {}});
  if (!tenant.check_files() || !file_exists(tenant.jobs_folder() / "jobs.db").value_or(false)) return {};
  const auto store = tenant.jobs();
  if (!store) return {};
  const auto page = (*store)->list({}, kMost);
  if (!page) return {};
  std::vector<Candidate> out{{"last", "The newest"}};
  for (const auto& job : page->jobs)
    out.push_back({job.id, fmt::format("{}, {}, {}, {}", job.kind, state_text(job), counted(job.tokens, "token"), job.file)});
  return out;
}

std::vector<Candidate> names_of(std::string_view value, const std::vector<std::string>& words) {
  if (value == "JOB") return jobs_of(choice_in(words));
  std::vector<Candidate> out;
  if (value == "--profile") {
    const auto found = list_profiles(choice_in(words), process_environment());
    if (!found) return {};
    for (const auto& one : *found) out.push_back({one.name, one.file.string()});
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out = harmless(text);
  std::ranges::replace(out, '\n', ' ');
  std::ranges::replace(out, '\t', ' ');
  return out;
}

}  // namespace

void add_completion_command(Command app, Run& run) {
  auto shell = std::make_shared<std::string>();
  const auto command =
      app.subcommand("completion", "Print what makes SHELL complete commands, options, profiles, jobs and files");
  command.option("SHELL", *shell, "bash, zsh or fish").required().one_of({"bash", "zsh", "fish"});
  command.footer(
      "For this shell: . <(portalkey completion bash)\n"
      "For good: portalkey completion bash > ~/.local/share/bash-completion/completions/portalkey\n"
      "          portalkey completion zsh > _portalkey, in a folder of $fpath\n"
      "          portalkey completion fish > ~/.config/fish/completions/portalkey.fish");
  command.callback([=, &run] {
    run = [shell] {
      print(*shell == "bash" ? kBash : *shell == "zsh" ? kZsh : kFish);
      return static_cast<int>(ExitCode::done);
    };
  });
}

std::optional<int> answer_completion(Command app, int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != "__complete") return std::nullopt;
  const std::vector<std::string> words(argv + 2, argv + argc);
  const auto found = complete(app, words.empty() ? std::vector<std::string>{""} : words, names_of);
  using Others = Completion::Others;
  print(found.others == Others::files ? "files\n" : found.others == Others::folders ? "folders\n" : "none\n");
  for (const auto& one : found.candidates) print(fmt::format("{}\t{}\n", one_line(one.word), one_line(one.what)));
  return static_cast<int>(ExitCode::done);
}

}  // namespace portalkey
