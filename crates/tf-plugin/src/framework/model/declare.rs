//! The declaration of a model.

/// Declares a model: documentation, name, type and rules of each attribute in one place.
///
/// ```
/// use tf_plugin::framework::model::Model;
/// use tf_plugin::framework::value::Value;
///
/// tf_plugin::model! {
///     /// A door.
///     pub struct Door {
///         /// What it is called.
///         pub name: Value<String> => required().requires_replace(),
///         /// Is it locked?
///         pub locked: Value<bool> => optional().default(true),
///     }
/// }
///
/// assert_eq!(Door::attributes()[0].name, "name");
/// ```
///
/// A field whose name is a Rust keyword is written raw (`r#type`); HCL sees it without the prefix.
#[macro_export]
macro_rules! model {
    (
        $(#[doc = $about:literal])*
        $visibility:vis struct $model:ident {
            $(
                $(#[doc = $doc:literal])*
                $field_visibility:vis $field:ident : $kind:ty => $rules:expr
            ),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug)]
        $visibility struct $model {
            $( $(#[doc = $doc])* $field_visibility $field: $kind, )*
        }

        impl $crate::framework::model::Model for $model {
            fn about() -> String {
                $crate::framework::model::description(&[$($about),*])
            }

            fn attributes() -> Vec<$crate::framework::schema::Attribute> {
                #[allow(unused_imports, reason = "a model may use any of the rules")]
                use $crate::framework::schema::{computed, optional, optional_computed, required};
                vec![$(
                    $crate::framework::schema::Attribute {
                        name: $crate::framework::model::attribute_name(stringify!($field)),
                        description: $crate::framework::model::description(&[$($doc),*]),
                        kind: <$kind as $crate::framework::model::AttributeValue>::kind(),
                        rules: $rules,
                    }
                ),*]
            }
        }

        impl $crate::framework::model::AttributeValue for $model {
            fn kind() -> $crate::framework::schema::Kind {
                $crate::framework::schema::Kind::Nested(
                    $crate::framework::schema::Nesting::Single,
                    <Self as $crate::framework::model::Model>::attributes(),
                )
            }

            fn decode(
                datum: $crate::framework::value::Datum,
                path: &$crate::framework::AttributePath,
            ) -> Result<Self, $crate::framework::model::DecodeError> {
                #[allow(unused_mut, unused_variables, reason = "a model may have no attributes")]
                let mut object = $crate::framework::model::object_entries(datum, path)?;
                Ok(Self {
                    $( $field: $crate::framework::model::take(&mut object, stringify!($field), path)?, )*
                })
            }

            fn encode(&self) -> $crate::framework::value::Datum {
                $crate::framework::value::Datum::object([$(
                    (
                        $crate::framework::model::attribute_name(stringify!($field)),
                        $crate::framework::model::AttributeValue::encode(&self.$field),
                    )
                ),*] as [(&str, $crate::framework::value::Datum); _])
            }
        }
    };
}
