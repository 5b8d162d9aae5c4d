//! Signatures as MLflow writes them, in the keys of a manifest.

use toml::Spanned;

use super::{Node, json_text};

type Entries = Vec<(Spanned<String>, Spanned<Node>)>;

/// The table `signature`: the fields of its lists in the keys of a manifest.
pub(super) fn signature(node: Node) -> Node {
    let Node::Table(mut entries) = node else { return node };
    for (_, value) in &mut entries {
        let list = std::mem::replace(value.get_mut(), Node::Null);
        *value.get_mut() = fields(list);
    }
    Node::Table(entries)
}

/// The fields of a list, each in the keys of a manifest.
fn fields(node: Node) -> Node {
    let Node::List(items) = node else { return node };
    let item = |item: Spanned<Node>| Spanned::new(item.span(), field(item.into_inner()));
    Node::List(items.into_iter().map(item).collect())
}

fn field(node: Node) -> Node {
    let Node::Table(given) = node else { return node };
    let tensor =
        given.iter().any(|(key, value)| key.get_ref() == "tensor-spec" && matches!(value.get_ref(), Node::Table(_)));
    let mut entries = Entries::new();
    for (key, value) in given {
        let (key_span, span) = (key.span(), value.span());
        let renamed = |name: &str| Spanned::new(key_span.clone(), name.to_owned());
        match (key.get_ref().as_str(), value.into_inner()) {
            // The type of a tensor's elements stands in its specification; the word `tensor` says no more than a shape.
            ("type", _) if tensor => {}
            ("tensor-spec", Node::Table(spec)) => {
                let Node::Table(spec) = field(Node::Table(spec)) else { continue };
                entries.extend(spec);
            }
            ("dtype", node) => entries.push((renamed("type"), Spanned::new(span, node))),
            ("properties", Node::Table(properties)) => {
                let named = properties.into_iter().map(|(name, value)| named(name, value)).collect();
                entries.push((renamed("fields"), Spanned::new(span, Node::List(named))));
            }
            ("items", item @ Node::Table(_)) => {
                let list = Node::List(vec![Spanned::new(span.clone(), field(item))]);
                entries.push((renamed("fields"), Spanned::new(span, list)));
            }
            ("fields", list) => entries.push((key, Spanned::new(span, fields(list)))),
            ("default", list @ Node::List(_)) => {
                entries.push((key, Spanned::new(span, Node::Text(json_text(&list)))));
            }
            (_, node) => entries.push((key, Spanned::new(span, node))),
        }
    }
    Node::Table(entries)
}

/// A property of an object as a field with its name.
fn named(name: Spanned<String>, value: Spanned<Node>) -> Spanned<Node> {
    let span = value.span();
    let node = match field(value.into_inner()) {
        Node::Table(mut entries) => {
            let key = Spanned::new(name.span(), "name".to_owned());
            entries.insert(0, (key, Spanned::new(name.span(), Node::Text(name.into_inner()))));
            Node::Table(entries)
        }
        other => other,
    };
    Spanned::new(span, node)
}
