//! Which direction of a metric is better.

use super::registry::{Gate, Goal, Registry};

/// Which direction of a metric is better, by the policy's gates, else by the metric's name.
///
/// A gate's `goal` decides. If no gate of the metric has a `goal`, a gate with only `min` means higher and one with
/// only `max` means lower. None if gates contradict each other, or if the name has no known word or contradictory ones.
pub fn goal_of(metric: &str, registry: &Registry) -> Option<Goal> {
    let gates = || registry.stages.iter().flat_map(|stage| &stage.gates).filter(|gate| gate.metric.as_str() == metric);
    for says in [|gate: &Gate| gate.goal, bound] {
        let mut said = gates().filter_map(says);
        if let Some(goal) = said.next() {
            return said.all(|other| other == goal).then_some(goal);
        }
    }
    goal_of_name(metric)
}

fn bound(gate: &Gate) -> Option<Goal> {
    match (gate.min, gate.max) {
        (Some(_), None) => Some(Goal::Higher),
        (None, Some(_)) => Some(Goal::Lower),
        _ => None,
    }
}

/// Words in the names of metrics for which higher is better.
const HIGHER: [&str; 29] = [
    "acc",
    "accuracy",
    "ap",
    "auc",
    "auprc",
    "auroc",
    "bleu",
    "dice",
    "f1",
    "f1score",
    "iou",
    "kappa",
    "likelihood",
    "mcc",
    "miou",
    "mrr",
    "ndcg",
    "pearson",
    "precision",
    "psnr",
    "r2",
    "r2score",
    "recall",
    "rouge",
    "sensitivity",
    "spearman",
    "specificity",
    "ssim",
    "throughput",
];

/// Words in the names of metrics for which lower is better.
const LOWER: [&str; 24] = [
    "brier",
    "cer",
    "crossentropy",
    "deviance",
    "err",
    "error",
    "errors",
    "fid",
    "fnr",
    "fpr",
    "latency",
    "logloss",
    "loss",
    "mae",
    "mape",
    "mse",
    "msle",
    "nll",
    "perplexity",
    "rmse",
    "rmsle",
    "smape",
    "wape",
    "wer",
];

/// The goal by a metric's name: `val_accuracy`, `eval/logLoss`, `latency_p95_ms`. scikit-learn negates a loss with the
/// prefix `neg_`.
fn goal_of_name(metric: &str) -> Option<Goal> {
    let words = words(metric);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let negative = has(&["neg", "negative"]);
    match (has(&HIGHER), has(&LOWER)) {
        (true, false) if !negative => Some(Goal::Higher),
        (false, true) if negative => Some(Goal::Higher),
        (true, false) | (false, true) => Some(Goal::Lower),
        _ => None,
    }
}

/// The words of a name in lower case, split at characters other than letters and digits, and before a capital letter
/// after a small letter or a digit.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut last = ' ';
    for c in name.chars() {
        let small = last.is_lowercase() || last.is_ascii_digit();
        if !c.is_alphanumeric() || (c.is_uppercase() && small) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        last = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_names_say_their_direction() {
        for (name, goal) in [
            ("accuracy", Some(Goal::Higher)),
            ("val_accuracy", Some(Goal::Higher)),
            ("valAccuracy", Some(Goal::Higher)),
            ("accuracy@5", Some(Goal::Higher)),
            ("F1Score", Some(Goal::Higher)),
            ("test/AUC", Some(Goal::Higher)),
            ("r2", Some(Goal::Higher)),
            ("neg_mean_squared_error", Some(Goal::Higher)),
            ("loss", Some(Goal::Lower)),
            ("logLoss", Some(Goal::Lower)),
            ("RMSE", Some(Goal::Lower)),
            ("latency_p95_ms", Some(Goal::Lower)),
            ("mean squared error", Some(Goal::Lower)),
            ("negative_log_likelihood", Some(Goal::Lower)),
            ("accuracy_loss", None),
            ("rows", None),
            ("lossless", None),
            ("", None),
        ] {
            assert_eq!(goal_of_name(name), goal, "{name}");
        }
    }

    #[test]
    fn the_policy_has_the_first_word() {
        let registry = |gates: &str| -> Registry {
            toml::from_str(&format!("format = 1\nname = \"acme\"\n[[stages]]\nname = \"Production\"\n{gates}")).unwrap()
        };
        let gate = |rest: &str| format!("[[stages.gates]]\nmetric = \"m\"\n{rest}\n");
        let goal = |gates: &[&str]| goal_of("m", &registry(&gates.iter().map(|g| gate(g)).collect::<String>()));
        assert_eq!(goal(&["goal = \"lower\""]), Some(Goal::Lower));
        assert_eq!(goal(&["min = 1\ngoal = \"lower\"", "min = 2"]), Some(Goal::Lower));
        assert_eq!(goal(&["min = 0.9"]), Some(Goal::Higher));
        assert_eq!(goal(&["max = 100"]), Some(Goal::Lower));
        assert_eq!(goal(&["min = 1\nmax = 2"]), None);
        assert_eq!(goal(&["goal = \"lower\"", "goal = \"higher\""]), None);
        let lower = "[[stages.gates]]\nmetric = \"accuracy\"\ngoal = \"lower\"\n";
        assert_eq!(goal_of("accuracy", &registry(lower)), Some(Goal::Lower));
        assert_eq!(goal_of("loss", &registry(lower)), Some(Goal::Lower));
    }
}
